import ApusCore
import KafkaProtocol

extension Admin {
    /// The settings of a topic by name, those that it inherits among them.
    package func settings(of topic: String) async throws(ClientError) -> [DescribedSetting] {
        try await self.describe([.topic(topic)], names: nil).first ?? []
    }

    /// One setting of each of these topics, by topic; a topic that is gone is not in the answer.
    package func setting(_ name: String, of topics: [String]) async throws(ClientError) -> [String: String] {
        guard !topics.isEmpty else { return [:] }
        let answers = try await self.describe(topics.map { .topic($0) }, names: [name])
        var values: [String: String] = [:]
        for (topic, settings) in zip(topics, answers) { values[topic] = settings.first { $0.name == name }?.value }
        return values
    }

    /// What is set dynamically for all brokers, by name.
    package func settingsOfAllBrokers() async throws(ClientError) -> [DescribedSetting] {
        try await self.describe([.allBrokers], names: nil).first ?? []
    }

    /// Changes settings of a topic or of all brokers; all changes are made, or none.
    ///
    /// - Throws: `refused`, or what `ClusterClient.request` throws; whether the change was made is unknown then.
    package func alter(_ owner: SettingOwner, _ changes: [SettingChange]) async throws(ClientError) {
        var resource = IncrementalAlterConfigsRequest.AlterConfigsResource()
        resource.resourceType = owner.resourceType
        resource.resourceName = owner.resourceName
        resource.configs = changes.map { change in
            var config = IncrementalAlterConfigsRequest.AlterableConfig()
            config.name = change.name
            config.configOperation = change.operation.rawValue
            config.value = change.value
            return config
        }
        var request = IncrementalAlterConfigsRequest()
        request.resources = [resource]
        let final = request
        try await self.repeating("altering settings of \(owner)") { () async throws(ClientError) in
            let answer = try await self.cluster.request(final, timeout: self.timeout).responses.first
            return (answer?.errorCode ?? .unknownServerError, answer?.errorMessage)
        }
    }

    /// The settings of each owner, in the order of `owners`; empty for a topic that is gone where there are several.
    private func describe(
        _ owners: [SettingOwner], names: [String]?
    ) async throws(ClientError) -> [[DescribedSetting]] {
        var request = DescribeConfigsRequest()
        request.resources = owners.map { owner in
            var resource = DescribeConfigsRequest.DescribeConfigsResource()
            resource.resourceType = owner.resourceType
            resource.resourceName = owner.resourceName
            resource.configurationKeys = names
            return resource
        }
        let response = try await self.cluster.request(request, timeout: self.timeout)
        // The answer may come in another order; an owner is asked for once.
        let results = Dictionary(
            response.results.map { ($0.resourceName, $0) }, uniquingKeysWith: { first, _ in first })
        var settings: [[DescribedSetting]] = []
        for owner in owners {
            let result = results[owner.resourceName]
            guard let result, result.errorCode == .noError else {
                let code = result?.errorCode ?? .unknownServerError
                if owners.count > 1, code == .unknownTopicOrPartition {
                    settings.append([])
                    continue
                }
                throw .refused(code, result?.errorMessage, "describing \(owner)")
            }
            settings.append(
                result.configs.map {
                    DescribedSetting(name: $0.name, value: $0.value, isOwn: $0.configSource == owner.ownSource)
                }.sorted { $0.name < $1.name })
        }
        return settings
    }
}
