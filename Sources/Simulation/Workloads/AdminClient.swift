import ApusCore
import EventLoop
import KafkaClient
import KafkaProtocol

/// Questions of an administrator, from a client's loop.
struct AdminClient {
    let cluster: ClusterClient
    var timeout = Interval.seconds(10)

    private static let topicResource: Int8 = 2
    private static let brokerResource: Int8 = 4

    typealias Completion = (ErrorCode) -> Void

    func create(_ topic: StageTopic, _ completion: @escaping Completion) {
        var draft = CreateTopicsRequest.CreatableTopic()
        draft.name = topic.name
        draft.numPartitions = topic.partitionCount
        draft.replicationFactor = topic.replicationFactor
        draft.configs = topic.settings.sorted { $0.key < $1.key }.map { key, value in
            var config = CreateTopicsRequest.CreatableTopicConfig()
            config.name = key
            config.value = value
            return config
        }
        var request = CreateTopicsRequest()
        request.topics = [draft]
        request.timeoutMs = Int32(clamping: self.timeout.milliseconds)
        self.ask(request, completion) { $0.topics.first?.errorCode }
    }

    func delete(_ name: String, _ completion: @escaping Completion) {
        var state = DeleteTopicsRequest.DeleteTopicState()
        state.name = name
        var request = DeleteTopicsRequest()
        request.topics = [state]
        request.topicNames = [name]
        request.timeoutMs = Int32(clamping: self.timeout.milliseconds)
        self.ask(request, completion) { $0.responses.first?.errorCode }
    }

    func grow(_ name: String, to count: Int32, _ completion: @escaping Completion) {
        var topic = CreatePartitionsRequest.CreatePartitionsTopic()
        topic.name = name
        topic.count = count
        topic.assignments = nil
        var request = CreatePartitionsRequest()
        request.topics = [topic]
        request.timeoutMs = Int32(clamping: self.timeout.milliseconds)
        self.ask(request, completion) { $0.results.first?.errorCode }
    }

    func set(_ key: String, to value: String, of topic: String, _ completion: @escaping Completion) {
        self.change(SettingChange(.set, key, value), of: .topic(topic), completion)
    }

    func change(_ change: SettingChange, of owner: SettingOwner, _ completion: @escaping Completion) {
        var config = IncrementalAlterConfigsRequest.AlterableConfig()
        config.name = change.name
        config.configOperation = change.operation.rawValue
        config.value = change.value
        var resource = IncrementalAlterConfigsRequest.AlterConfigsResource()
        switch owner {
        case .topic(let name): (resource.resourceType, resource.resourceName) = (Self.topicResource, name)
        case .allBrokers: (resource.resourceType, resource.resourceName) = (Self.brokerResource, "")
        }
        resource.configs = [config]
        var request = IncrementalAlterConfigsRequest()
        request.resources = [resource]
        self.ask(request, completion) { $0.responses.first?.errorCode }
    }

    /// Gives the preferred replicas of a topic their leadership back; all topics' without a name.
    func electPreferred(_ topic: StageTopic?, _ completion: @escaping Completion) {
        var request = ElectLeadersRequest()
        request.electionType = 0
        request.timeoutMs = Int32(clamping: self.timeout.milliseconds)
        request.topicPartitions = topic.map {
            var topic = ElectLeadersRequest.TopicPartitions()
            topic.topic = $0.name
            topic.partitions = $0.partitions.map(\.partition)
            return [topic]
        }
        self.ask(request, completion) { $0.errorCode }
    }

    private func ask<Message: KafkaRequest>(
        _ request: Message, _ completion: @escaping Completion, code: @escaping (Message.Response) -> ErrorCode?
    ) {
        self.cluster.ask(request, of: .anyBroker, deadline: self.cluster.loop.now + self.timeout) { result in
            switch result {
            case .success(let response): completion(code(response) ?? .unknownServerError)
            case .failure: completion(.networkException)
            }
        }
    }
}
