import ApusCore
import ClusterMetadata
import Controller
import KafkaProtocol
import KafkaStoredMessages
import StateMachine
import Testing

struct TopicChangesTests {
    @Test("A topic is deleted by name or by id, and its configuration goes with it")
    func deletion() throws {
        var test = try TestController()
        try test.start([0])
        let first = try test.createTopic("a", replicas: [[0]], configs: [("retention.ms", "1")])
        let second = try test.createTopic("b", replicas: [[0]])
        var request = DeleteTopicsRequest()
        request.topicNames = ["a", "none"]
        let byName = request
        var removed = RemoveTopicRecord()
        removed.topicId = first
        var gone = DeleteTopicsResponse.DeletableTopicResult()
        gone.name = "a"
        gone.topicId = first
        var none = DeleteTopicsResponse.DeletableTopicResult()
        none.name = "none"
        none.errorCode = .unknownTopicOrPartition
        none.errorMessage = "This server does not host this topic-partition."
        var response = DeleteTopicsResponse()
        response.responses = [gone, none]
        #expect(
            try test.run(version: 5) { $0.deleteTopics(byName, context: $1) }
                == CommandResult(records: [.removeTopic(removed)], response: response))
        #expect(test.image.configuration(of: .topic("a")) == [:])
        var target = DeleteTopicsRequest.DeleteTopicState()
        target.topicId = second
        request.topics = [target, target]
        let twice = request
        let refused = try test.run(version: 6) { $0.deleteTopics(twice, context: $1) }
        #expect(refused.records.isEmpty)
        #expect(refused.response.responses.map(\.errorMessage) == ["Duplicate topic id.", "Duplicate topic id."])
        var unknown = target
        unknown.topicId = first
        request.topics = [target, unknown, .init()]
        let byID = request
        let result = try test.run(version: 6) { $0.deleteTopics(byID, context: $1) }
        #expect(result.response.responses.map(\.errorCode) == [.noError, .unknownTopicID, .invalidRequest])
        #expect(test.image.topics.isEmpty)
        #expect(try test.replay() == test.image)
    }

    private func addition(
        _ name: String, to count: Int32, assignments: [[NodeID]]? = nil
    ) -> CreatePartitionsRequest.CreatePartitionsTopic {
        var topic = CreatePartitionsRequest.CreatePartitionsTopic()
        topic.name = name
        topic.count = count
        topic.assignments = assignments?.map { brokers in
            var assignment = CreatePartitionsRequest.CreatePartitionsAssignment()
            assignment.brokerIds = brokers
            return assignment
        }
        return topic
    }

    @Test("Partitions are added after the last, by hand or placed")
    func newPartitions() throws {
        var test = try TestController()
        try test.start([0, 1])
        let topic = try test.createTopic("t", replicas: [[0, 1]])
        var request = CreatePartitionsRequest()
        request.topics = [self.addition("t", to: 2, assignments: [[1, 0]])]
        let byHand = request
        let state = PartitionState(
            replicas: [1, 0], directories: [TestController.directory(of: 1), TestController.directory(of: 0)],
            isr: [1, 0], leader: 1)
        #expect(
            try test.run { $0.createPartitions(byHand, context: $1) }.records
                == [.partition(state.record(topic: topic, partition: 1))])
        request.topics = [self.addition("t", to: 5)]
        let placed = request
        #expect(try test.run { $0.createPartitions(placed, context: $1) }.records.count == 3)
        #expect(test.image.topic(id: topic)?.partitions.count == 5)
        #expect(try test.replay() == test.image)
    }

    @Test("Partitions that cannot be added are refused in Kafka's words")
    func refusedPartitions() throws {
        var test = try TestController()
        try test.start([0])
        try test.createTopic("t", replicas: [[0], [0]])
        let cases: [(CreatePartitionsRequest.CreatePartitionsTopic, ErrorCode, String?)] = [
            (self.addition("none", to: 2), .unknownTopicOrPartition, nil),
            (self.addition("t", to: 2), .invalidPartitions, "Topic already has 2 partition(s)."),
            (
                self.addition("t", to: 1), .invalidPartitions,
                "The topic t currently has 2 partition(s); 1 would not be an increase."
            ),
            (
                self.addition("t", to: 4, assignments: [[0]]), .invalidReplicaAssignment,
                "Attempted to add 2 additional partition(s), but only 1 assignment(s) were specified."
            ),
        ]
        for (topic, code, message) in cases {
            var request = CreatePartitionsRequest()
            request.topics = [topic]
            let asked = request
            var answer = CreatePartitionsResponse.CreatePartitionsTopicResult()
            answer.name = topic.name
            answer.errorCode = code
            answer.errorMessage = message
            var response = CreatePartitionsResponse()
            response.results = [answer]
            #expect(
                try test.run { $0.createPartitions(asked, context: $1) }
                    == CommandResult(records: [], response: response))
        }
    }

    @Test("Producer ids are handed out in blocks of a thousand, none twice")
    func producerIDs() throws {
        var test = try TestController()
        try test.start([0])
        var request = AllocateProducerIdsRequest()
        request.brokerId = 0
        request.brokerEpoch = try #require(test.image.brokers[0]?.epoch)
        let asked = request
        for block: Int64 in 0..<2 {
            var record = ProducerIdsRecord()
            record.brokerId = 0
            record.brokerEpoch = asked.brokerEpoch
            record.nextProducerId = ProducerID(block * 1000 + 1000)
            var response = AllocateProducerIdsResponse()
            response.producerIdStart = ProducerID(block * 1000)
            response.producerIdLen = 1000
            #expect(
                try test.run { $0.allocateProducerIDs(asked, context: $1) }
                    == CommandResult(records: [.producerIds(record)], response: response))
        }
        request.brokerEpoch += 1
        let stale = request
        #expect(
            try test.run { $0.allocateProducerIDs(stale, context: $1) }.response.errorCode == .staleBrokerEpoch)
    }
}
