import ApusCore
import ClusterMetadata
package import KafkaProtocol
package import KafkaStoredMessages
package import StateMachine

extension Controller {
    /// CreateTopics, key 19, versions 0-7: all topics of a request that can be created are created together.
    ///
    /// Version 5 answers with the configuration and the counts, version 7 with the topic id. The version of the
    /// request decides what the codec writes; the response always carries everything.
    package mutating func createTopics(
        _ request: CreateTopicsRequest, context: ControllerContext
    ) -> CommandResult<MetadataRecord, CreateTopicsResponse> {
        var response = CreateTopicsResponse()
        guard self.partitionCount(of: request) <= RecordDraft.userRecordsMax else {
            let error = ControllerError(.policyViolation, "Excessively large number of partitions per request.")
            response.topics = request.topics.map { Self.failure(of: $0.name, error) }
            return CommandResult(records: [], response: response)
        }
        let names = request.topics.map(\.name)
        let repeated = Set(Dictionary(grouping: names) { $0 }.filter { $0.value.count > 1 }.keys)
        var draft = self.draft(at: context.appendOffset)
        var collisions = self.collisions
        for topic in request.topics where !repeated.contains(topic.name) {
            do throws(ControllerError) {
                let created = try self.create(topic, in: &draft, collisions: &collisions, context: context)
                response.topics.append(created)
            } catch {
                response.topics.append(Self.failure(of: topic.name, error))
            }
        }
        for name in repeated.sorted() {
            response.topics.append(Self.failure(of: name, ControllerError(.invalidRequest, "Duplicate topic name.")))
        }
        guard draft.records.count <= RecordDraft.userRecordsMax else {
            let error = ControllerError(.policyViolation, "Unable to perform excessively large batch operation.")
            response.topics = request.topics.map { Self.failure(of: $0.name, error) }
            return CommandResult(records: [], response: response)
        }
        if request.validateOnly { return CommandResult(records: [], response: response) }
        return self.finish(draft, response, now: context.now)
    }

    /// How many partitions a request asks for; counts that make no sense are refused one by one later.
    private func partitionCount(of request: CreateTopicsRequest) -> Int {
        request.topics.reduce(0) { sum, topic in
            if !topic.assignments.isEmpty { return sum + topic.assignments.count }
            let isDefault = topic.numPartitions == -1
            return sum + Int(isDefault ? self.configuration.defaultPartitionCount : max(0, topic.numPartitions))
        }
    }

    private static func failure(
        of name: String, _ error: ControllerError
    ) -> CreateTopicsResponse.CreatableTopicResult {
        var result = CreateTopicsResponse.CreatableTopicResult()
        result.name = name
        result.errorCode = error.code
        result.errorMessage = error.message
        return result
    }

    private mutating func create(
        _ topic: CreateTopicsRequest.CreatableTopic, in draft: inout RecordDraft,
        collisions: inout [String: Set<String>], context: ControllerContext
    ) throws(ControllerError) -> CreateTopicsResponse.CreatableTopicResult {
        try self.checkNewName(topic.name, in: draft.image, collisions: collisions)
        let overrides = try self.checkNewConfiguration(of: topic)
        let zones = overrides.first { $0.key == ZoneConfigKey.leaders }?.value
        let preference = LeaderPreference(
            zones: MetadataImage.zoneList(zones), drainedZones: draft.image.drainedZones)
        let states = try self.newPartitions(of: topic, preference: preference, in: draft.image)
        let id = self.newTopicID(in: draft.image)
        var record = TopicRecord()
        record.name = topic.name
        record.topicId = id
        draft.append(.topic(record))
        self.appendConfiguration(overrides, of: topic.name, to: &draft)
        for (index, state) in states.enumerated() {
            draft.append(.partition(state.record(topic: id, partition: PartitionIndex(Int32(index)))))
        }
        if TopicName.hasCollisionCharacter(topic.name) {
            collisions[TopicName.collisionKey(topic.name), default: []].insert(topic.name)
        }
        return self.success(of: topic.name, id: id, states: states, overrides: overrides, context: context)
    }

    private func checkNewName(
        _ name: String, in image: MetadataImage, collisions: [String: Set<String>]
    ) throws(ControllerError) {
        guard name != TopicName.clusterMetadata else {
            throw ControllerError(.topicAuthorizationFailed, "Authorization failed.")
        }
        if let problem = TopicName.problem(with: name) { throw ControllerError(.invalidTopicException, problem) }
        guard image.topicIDs[name] == nil else {
            throw ControllerError(.topicAlreadyExists, "Topic '\(name)' already exists.")
        }
        guard TopicName.hasCollisionCharacter(name) else { return }
        if let other = collisions[TopicName.collisionKey(name)]?.min(), other != name {
            throw ControllerError(
                .invalidTopicException, "Topic '\(name)' collides with existing topic: \(other)")
        }
    }

    /// The configuration of a new topic, ascending by key.
    private func checkNewConfiguration(
        of topic: CreateTopicsRequest.CreatableTopic
    ) throws(ControllerError) -> [(key: String, value: String)] {
        var overrides: [String: String] = [:]
        let missing = topic.configs.filter { $0.value == nil }.map(\.name)
        guard missing.isEmpty else {
            throw ControllerError(
                .invalidConfig, "Null value not supported for topic configs: \(missing.joined(separator: ","))")
        }
        for config in topic.configs {
            if let value = config.value { overrides[config.name] = value }
        }
        if let tooLong = Self.valueTooLong(overrides) { throw tooLong }
        let resource = ConfigResource.topic(topic.name)
        if let problem = self.rules.problem(in: overrides, previous: [:], of: resource) { throw problem }
        return overrides.sorted { $0.key < $1.key }.map { ($0.key, $0.value) }
    }

    private func appendConfiguration(
        _ overrides: [(key: String, value: String)], of topic: String, to draft: inout RecordDraft
    ) {
        for (key, value) in overrides {
            var record = ConfigRecord()
            record.resourceType = ConfigResource.Kind.topic.rawValue
            record.resourceName = topic
            record.name = key
            record.value = value
            draft.append(.config(record))
        }
        if draft.image.isELREnabled, overrides.contains(where: { $0.key == PartitionPolicy.minInsyncReplicasKey }) {
            var clear = ClearElrRecord()
            clear.topicName = topic
            draft.append(.clearElr(clear))
        }
    }

    private mutating func newTopicID(in image: MetadataImage) -> TopicID {
        while true {
            let id = TopicID(KafkaUUID.random(using: &self.random))
            if image.topic(id: id) == nil { return id }
        }
    }

    private func success(
        of name: String, id: TopicID, states: [PartitionState], overrides: [(key: String, value: String)],
        context: ControllerContext
    ) -> CreateTopicsResponse.CreatableTopicResult {
        var result = CreateTopicsResponse.CreatableTopicResult()
        result.name = name
        result.topicId = id
        result.errorMessage = nil
        guard context.mayDescribeConfigurations else {
            result.topicConfigErrorCode = .topicAuthorizationFailed
            return result
        }
        result.numPartitions = Int32(states.count)
        result.replicationFactor = Int16(states.first?.replicas.count ?? 0)
        let effective = self.rules.effectiveTopicConfiguration(
            overrides: Dictionary(overrides.map { ($0.key, $0.value) }, uniquingKeysWith: { _, last in last }),
            clusterDefaults: self.image.configuration(of: .defaultBroker),
            nodeOverrides: self.image.configuration(of: .broker(self.configuration.nodeID)))
        result.configs = effective.map { entry in
            var config = CreateTopicsResponse.CreatableTopicConfigs()
            config.name = entry.name
            config.value = entry.isSensitive ? nil : entry.value
            config.readOnly = entry.isReadOnly
            config.configSource = entry.source
            config.isSensitive = entry.isSensitive
            return config
        }
        return result
    }
}
