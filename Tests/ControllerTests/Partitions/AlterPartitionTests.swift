import ApusCore
import ClusterMetadata
import Controller
import KafkaProtocol
import KafkaStoredMessages
import StateMachine
import Testing

struct AlterPartitionTests {
    private func answer(
        _ topic: TopicID, _ change: (inout AlterPartitionResponse.PartitionData) -> Void
    ) -> AlterPartitionResponse {
        var partition = AlterPartitionResponse.PartitionData()
        change(&partition)
        var data = AlterPartitionResponse.TopicData()
        data.topicId = topic
        data.partitions = [partition]
        var response = AlterPartitionResponse()
        response.topics = [data]
        return response
    }

    @Test("The ISR shrinks and grows as its leader asks, and the leader epoch stays")
    func shrinkAndGrow() throws {
        var test = try TestController()
        try test.start([0, 1, 2])
        let topic = try test.createTopic("t", replicas: [[0, 1, 2]])
        let steps: [([NodeID], MetadataRecord)] = [
            ([0, 1], partitionChange(topic, isr: [0, 1])),
            ([0], partitionChange(topic, isr: [0], elr: [1])),
            ([0, 2], partitionChange(topic, isr: [0, 2], elr: [])),
        ]
        for (step, (isr, record)) in steps.enumerated() {
            let request = try test.alterPartition(topic, isr: isr)
            let response = self.answer(topic) {
                $0.leaderId = 0
                $0.isr = isr
                $0.partitionEpoch = PartitionEpoch(Int32(step + 1))
            }
            #expect(
                try test.run(version: 3) { $0.alterPartition(request, context: $1) }
                    == CommandResult(records: [record], response: response, isAtomic: false))
        }
        #expect(try test.replay() == test.image)
    }

    @Test("Requests that do not fit the partition's state are refused with the code that tells why")
    func refusals() throws {
        let cases: [(ErrorCode, (inout AlterPartitionRequest.PartitionData) -> Void)] = [
            (.unknownTopicOrPartition, { $0.partitionIndex = 7 }),
            (.notController, { $0.leaderEpoch += 1 }),
            (.notController, { $0.partitionEpoch += 1 }),
            (.fencedLeaderEpoch, { $0.leaderEpoch += -1 }),
            (.invalidUpdateVersion, { $0.partitionEpoch += -1 }),
            (.invalidRequest, { $0.newIsrWithEpochs = [] }),
            (.invalidRequest, { $0.newIsrWithEpochs.removeFirst() }),
            (.invalidRequest, { $0.newIsrWithEpochs[1].brokerId = 9 }),
            (.invalidRequest, { $0.newIsrWithEpochs[1] = $0.newIsrWithEpochs[0] }),
            (.invalidRequest, { $0.leaderRecoveryState = 1 }),
            (.invalidRequest, { $0.leaderRecoveryState = 7 }),
            (.ineligibleReplica, { $0.newIsrWithEpochs[1].brokerEpoch += -1 }),
            (.ineligibleReplica, { $0.newIsrWithEpochs[1].brokerId = 2 }),
        ]
        var test = try TestController { $0.idleIntervalMax = .zero }
        try test.start([0, 1, 2])
        let topic = try test.createTopic("t", replicas: [[0, 1, 2]])
        try test.heartbeat(2, wantFence: true)
        for (code, change) in cases {
            let request = try test.alterPartition(topic, isr: [0, 1], change: change)
            let index = request.topics[0].partitions[0].partitionIndex
            let response = self.answer(topic) {
                $0.partitionIndex = index
                $0.errorCode = code
            }
            #expect(
                try test.run(version: 3) { $0.alterPartition(request, context: $1) }
                    == CommandResult(records: [], response: response, isAtomic: false))
        }
    }

    @Test("A request of another broker, of another epoch or for another topic is refused")
    func wrongSender() throws {
        var test = try TestController()
        try test.start([0, 1])
        let topic = try test.createTopic("t", replicas: [[0, 1]])
        var request = try test.alterPartition(topic, isr: [0])
        request.brokerEpoch += -1
        let stale = request
        var refused = AlterPartitionResponse()
        refused.errorCode = .staleBrokerEpoch
        #expect(
            try test.run { $0.alterPartition(stale, context: $1) } == CommandResult(records: [], response: refused))
        request.brokerId = 1
        request.brokerEpoch = try #require(test.image.brokers[1]?.epoch)
        let follower = request
        #expect(
            try test.run { $0.alterPartition(follower, context: $1) }.response
                == self.answer(topic) { $0.errorCode = .invalidRequest })
        request.topics[0].topicId = TopicID(KafkaUUID(high: 9, low: 9))
        let unknown = request
        #expect(
            try test.run { $0.alterPartition(unknown, context: $1) }.response
                == self.answer(unknown.topics[0].topicId) { $0.errorCode = .unknownTopicID })
    }

    @Test("Versions before ids name the topic and know fewer codes")
    func oldVersions() throws {
        var test = try TestController { $0.idleIntervalMax = .zero }
        try test.start([0, 1])
        let topic = try test.createTopic("t", replicas: [[0, 1]])
        try test.heartbeat(1, wantFence: true)
        var request = try test.alterPartition(topic, isr: []) { $0.newIsr = [0, 1] }
        request.topics[0].topicId = .zero
        request.topics[0].topicName = "t"
        let asked = request
        let result = try test.run(version: 1) { $0.alterPartition(asked, context: $1) }
        #expect(result.response.topics.map(\.topicName) == ["t"])
        #expect(result.response.topics[0].partitions.map(\.errorCode) == [.operationNotAttempted])
    }
}
