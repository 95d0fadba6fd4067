import ApusCore
import ClusterMetadata
import Controller
import KafkaProtocol
import KafkaStoredMessages
import StateMachine
import Testing

extension TestController {
    /// Sets a default of all brokers, or takes it away, and returns the records.
    @discardableResult
    mutating func setDefault(_ key: String, _ value: String?) throws -> [MetadataRecord] {
        try self.setConfig(4, "", key, value)
    }

    @discardableResult
    mutating func setTopic(_ topic: String, _ key: String, _ value: String?) throws -> [MetadataRecord] {
        try self.setConfig(2, topic, key, value)
    }

    private mutating func setConfig(
        _ type: Int8, _ name: String, _ key: String, _ value: String?
    ) throws -> [MetadataRecord] {
        var config = IncrementalAlterConfigsRequest.AlterableConfig()
        config.name = key
        config.value = value
        config.configOperation = value == nil ? 1 : 0
        var resource = IncrementalAlterConfigsRequest.AlterConfigsResource()
        resource.resourceType = type
        resource.resourceName = name
        resource.configs = [config]
        var request = IncrementalAlterConfigsRequest()
        request.resources = [resource]
        let result = try self.run { $0.incrementalAlterConfigs(request, context: $1) }
        #expect(result.response.responses.map(\.errorCode) == [.noError])
        return result.records
    }

    /// Creates a topic that the controller places, and returns its id.
    mutating func placeTopic(
        _ name: String, partitions: Int32, replicationFactor: Int16, configs: [(String, String)] = []
    ) throws -> TopicID {
        var topic = CreateTopicsRequest.CreatableTopic()
        topic.name = name
        topic.numPartitions = partitions
        topic.replicationFactor = replicationFactor
        topic.configs = configs.map { key, value in
            var config = CreateTopicsRequest.CreatableTopicConfig()
            config.name = key
            config.value = value
            return config
        }
        var request = CreateTopicsRequest()
        request.topics = [topic]
        let result = try self.run { $0.createTopics(request, context: $1) }
        #expect(result.response.topics.map(\.errorCode) == [.noError])
        return result.response.topics[0].topicId
    }

    mutating func addPartitions(_ name: String, count: Int32) throws {
        var addition = CreatePartitionsRequest.CreatePartitionsTopic()
        addition.name = name
        addition.count = count
        addition.assignments = nil
        var request = CreatePartitionsRequest()
        request.topics = [addition]
        let result = try self.run { $0.createPartitions(request, context: $1) }
        #expect(result.response.results.map(\.errorCode) == [.noError])
    }

    /// The leaders of a topic's partitions, by index.
    func leaders(_ topic: TopicID) throws -> [NodeID] {
        try #require(self.image.topic(id: topic)).partitions.map(\.leader)
    }

    /// Asks for a preferred election of one partition.
    mutating func electPreferred(_ topic: String, _ partition: PartitionIndex) throws -> ErrorCode {
        var target = ElectLeadersRequest.TopicPartitions()
        target.topic = topic
        target.partitions = [partition]
        var request = ElectLeadersRequest()
        request.topicPartitions = [target]
        let result = try self.run { $0.electLeaders(request, context: $1) }
        return try #require(result.response.replicaElectionResults.first?.partitionResult.first).errorCode
    }

    /// The leader of a partition takes a replica into the ISR.
    mutating func joinISR(_ topic: TopicID, _ replica: NodeID, partition: PartitionIndex = 0) throws {
        let isr = try self.partition(topic, partition).isr + [replica]
        let request = try self.alterPartition(topic, partition, isr: isr)
        let result = try self.run { $0.alterPartition(request, context: $1) }
        #expect(result.response.topics.flatMap(\.partitions).map(\.errorCode) == [.noError])
    }

    /// Takes a replica out of the ISR of a partition, as the failure of its directory would; elects where it led.
    mutating func removeFromISR(_ topic: TopicID, _ replica: NodeID, partition: PartitionIndex = 0) throws {
        var change = PartitionChangeRecord()
        let state = try self.partition(topic, partition)
        let isr = state.isr.filter { $0 != replica }
        change.topicId = topic
        change.partitionId = partition
        change.isr = isr
        if state.leader == replica { change.leader = try #require(isr.first) }
        try self.controller.apply(.partitionChange(change), at: Offset(Int64(self.log.count)), epoch: self.epoch)
        self.log.append(.partitionChange(change))
    }

    /// Lets time pass in steps of a second, in each of which these brokers send a heartbeat; returns what ticks wrote.
    @discardableResult
    mutating func passTime(_ interval: Interval, heartbeats brokers: [NodeID]) throws -> [MetadataRecord] {
        let end = self.now + interval
        var records: [MetadataRecord] = []
        while self.now < end {
            records += try self.tick(after: .seconds(1))
            for broker in brokers { try self.heartbeat(broker) }
        }
        return records
    }
}
