import ApusCore
import ClusterMetadata
import Controller
import KafkaProtocol
import KafkaStoredMessages
import StateMachine
import Testing

struct CreateTopicsTests {
    private func topic(
        _ name: String, partitions: Int32 = 1, factor: Int16 = 1, assignments: [[NodeID]] = [],
        configs: [(String, String?)] = []
    ) -> CreateTopicsRequest.CreatableTopic {
        var topic = CreateTopicsRequest.CreatableTopic()
        topic.name = name
        topic.numPartitions = assignments.isEmpty ? partitions : -1
        topic.replicationFactor = assignments.isEmpty ? factor : -1
        topic.assignments = assignments.enumerated().map { index, brokers in
            var assignment = CreateTopicsRequest.CreatableReplicaAssignment()
            assignment.partitionIndex = PartitionIndex(Int32(index))
            assignment.brokerIds = brokers
            return assignment
        }
        topic.configs = configs.map { key, value in
            var config = CreateTopicsRequest.CreatableTopicConfig()
            config.name = key
            config.value = value
            return config
        }
        return topic
    }

    private func request(_ topics: [CreateTopicsRequest.CreatableTopic]) -> CreateTopicsRequest {
        var request = CreateTopicsRequest()
        request.topics = topics
        return request
    }

    @Test("A topic is its record, its configuration and its partitions, as in the log of Kafka 4.3.1")
    func records() throws {
        var test = try TestController()
        try test.start([0, 1, 2])
        let asked = self.request([
            self.topic("beta", assignments: [[2, 0], [0, 1]], configs: [("min.insync.replicas", "1")])
        ])
        let result = try test.run { $0.createTopics(asked, context: $1) }
        let id = result.response.topics[0].topicId
        var topic = TopicRecord()
        topic.name = "beta"
        topic.topicId = id
        var clear = ClearElrRecord()
        clear.topicName = "beta"
        func partition(_ index: PartitionIndex, _ replicas: [NodeID]) -> MetadataRecord {
            let state = PartitionState(
                replicas: replicas, directories: replicas.map { TestController.directory(of: $0) }, isr: replicas,
                leader: replicas[0])
            return .partition(state.record(topic: id, partition: index))
        }
        var config = CreateTopicsResponse.CreatableTopicConfigs()
        config.name = "min.insync.replicas"
        config.value = "1"
        config.configSource = 1
        var created = CreateTopicsResponse.CreatableTopicResult()
        created.name = "beta"
        created.topicId = id
        created.errorMessage = nil
        created.numPartitions = 2
        created.replicationFactor = 2
        created.configs = [config]
        var response = CreateTopicsResponse()
        response.topics = [created]
        #expect(
            result
                == CommandResult(
                    records: [
                        .topic(topic), ClusterConfig.topic("beta", "min.insync.replicas", "1"), .clearElr(clear),
                        partition(0, [2, 0]), partition(1, [0, 1]),
                    ], response: response))
        #expect(try test.replay() == test.image)
    }

    private enum ClusterConfig {
        static func topic(_ name: String, _ key: String, _ value: String) -> MetadataRecord {
            config(2, name, key, value)
        }
    }

    @Test("Topics that cannot be created are refused in Kafka's words, and the others are created")
    func refusals() throws {
        var test = try TestController()
        try test.start([0, 1])
        try test.createTopic("old.topic", replicas: [[0]])
        let long = String(repeating: "x", count: 250)
        let cases: [(CreateTopicsRequest.CreatableTopic, ErrorCode, String)] = [
            (self.topic(""), .invalidTopicException, "Topic name is invalid: the empty string is not allowed"),
            (self.topic(".."), .invalidTopicException, "Topic name is invalid: '..' is not allowed"),
            (
                self.topic(long), .invalidTopicException,
                "Topic name is invalid: the length of '\(long)' is longer than the max allowed length 249"
            ),
            (
                self.topic("a b"), .invalidTopicException,
                "Topic name is invalid: 'a b' contains one or more characters other than ASCII alphanumerics, '.', "
                    + "'_' and '-'"
            ),
            (self.topic("old.topic"), .topicAlreadyExists, "Topic 'old.topic' already exists."),
            (
                self.topic("old_topic"), .invalidTopicException,
                "Topic 'old_topic' collides with existing topic: old.topic"
            ),
            (
                self.topic("a", partitions: 0), .invalidPartitions,
                "Number of partitions was set to an invalid non-positive value."
            ),
            (
                self.topic("b", factor: 0), .invalidReplicationFactor,
                "Replication factor must be larger than 0, or -1 to use the default value."
            ),
            (
                self.topic("c", factor: 3), .invalidReplicationFactor,
                "Unable to replicate the partition 3 time(s): The target replication factor of 3 cannot be reached "
                    + "because only 2 broker(s) are registered or some brokers have all their log directories cordoned."
            ),
            (
                self.topic("d", assignments: [[0], [0, 1]]), .invalidReplicaAssignment,
                "The manual partition assignment includes a partition with 2 replica(s), but this is not consistent "
                    + "with previous partitions, which have 1 replica(s)."
            ),
            (
                self.topic("e", assignments: [[0, 0]]), .invalidReplicaAssignment,
                "The manual partition assignment includes the broker 0 more than once."
            ),
            (
                self.topic("f", assignments: [[9]]), .invalidReplicaAssignment,
                "The manual partition assignment includes broker 9, but no such broker is registered."
            ),
            (
                self.topic("g", configs: [("unknown.key", "1")]), .invalidConfig,
                "Unknown topic config name: unknown.key"
            ),
            (
                self.topic("h", configs: [("retention.ms", nil)]), .invalidConfig,
                "Null value not supported for topic configs: retention.ms"
            ),
        ]
        let asked = self.request(cases.map(\.0) + [self.topic("fine"), self.topic("twice"), self.topic("twice")])
        let result = try test.run { $0.createTopics(asked, context: $1) }
        var answers = result.response.topics
        #expect(answers.removeLast().errorMessage == "Duplicate topic name.")
        #expect(answers.removeLast().errorCode == .noError)
        for (answer, (topic, code, message)) in zip(answers, cases) {
            #expect(answer.name == topic.name)
            #expect(answer.errorCode == code)
            #expect(answer.errorMessage == message)
        }
        #expect(result.records.count == 2)
        #expect(test.image.topics.count == 2)
    }

    @Test("Defaults stand in for -1, and validation alone writes nothing")
    func defaults() throws {
        var test = try TestController { $0.defaultPartitionCount = 4 }
        try test.start([0, 1, 2])
        var asked = self.request([self.topic("t", partitions: -1, factor: -1)])
        asked.validateOnly = true
        let validation = asked
        let validated = try test.run { $0.createTopics(validation, context: $1) }
        #expect(validated.records == [])
        #expect(validated.response.topics.map(\.errorCode) == [.noError])
        asked.validateOnly = false
        let creation = asked
        let created = try test.run { $0.createTopics(creation, context: $1) }
        #expect(created.response.topics.map(\.numPartitions) == [4])
        #expect(created.response.topics.map(\.replicationFactor) == [3])
    }

    @Test("A request for too many partitions is refused as a whole")
    func tooMany() throws {
        var test = try TestController()
        try test.start([0])
        let asked = self.request([self.topic("a", partitions: 9999), self.topic("b", partitions: 2)])
        let result = try test.run { $0.createTopics(asked, context: $1) }
        #expect(result.records == [])
        #expect(result.response.topics.map(\.errorCode) == [.policyViolation, .policyViolation])
        let inTwo = self.request([self.topic("a", partitions: 9999)])
        #expect(try test.run { $0.createTopics(inTwo, context: $1) }.records.count == 10_000)
    }
}
