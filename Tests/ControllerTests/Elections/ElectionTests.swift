import ApusCore
import ClusterMetadata
import Controller
import KafkaProtocol
import KafkaStoredMessages
import StateMachine
import Testing

struct ElectionTests {
    private func request(_ type: Int8, _ partitions: [(String, [PartitionIndex])]?) -> ElectLeadersRequest {
        var request = ElectLeadersRequest()
        request.electionType = type
        request.topicPartitions = partitions?.map { name, indexes in
            var topic = ElectLeadersRequest.TopicPartitions()
            topic.topic = name
            topic.partitions = indexes
            return topic
        }
        return request
    }

    private func codes(_ response: ElectLeadersResponse) -> [[ErrorCode]] {
        response.replicaElectionResults.map { $0.partitionResult.map(\.errorCode) }
    }

    /// A cluster whose broker 2 was away: it is back in the ISR of `t-0` and leads nothing.
    private func displaced() throws -> (TestController, TopicID) {
        var test = try TestController {
            $0.idleIntervalMax = .zero
            $0.leaderImbalanceCheckInterval = .seconds(5)
        }
        try test.start([0, 1, 2])
        let topic = try test.createTopic("t", replicas: [[2, 0, 1], [0, 1, 2]])
        try test.heartbeat(2, wantFence: true)
        try test.heartbeat(2)
        let request = try test.alterPartition(topic, isr: [0, 1, 2])
        try test.run { $0.alterPartition(request, context: $1) }
        return (test, topic)
    }

    @Test("A preferred election gives leadership back, and says where none is needed or possible")
    func preferred() throws {
        var (test, topic) = try self.displaced()
        let asked = self.request(0, [("t", [0, 1, 9]), ("none", [0])])
        let result = try test.run { $0.electLeaders(asked, context: $1) }
        #expect(result.records == [partitionChange(topic, leader: 2)])
        #expect(
            self.codes(result.response)
                == [[.noError, .electionNotNeeded, .unknownTopicOrPartition], [.unknownTopicOrPartition]])
        let all = self.request(0, nil)
        #expect(self.codes(try test.run { $0.electLeaders(all, context: $1) }.response) == [[]])
        try test.heartbeat(2, wantFence: true)
        let again = try test.run { $0.electLeaders(asked, context: $1) }
        #expect(
            self.codes(again.response)[0] == [
                .preferredLeaderNotAvailable, .electionNotNeeded, .unknownTopicOrPartition,
            ])
    }

    @Test("Preferred leaders are elected by themselves once the check is due and the imbalance is too large")
    func balancing() throws {
        var (test, topic) = try self.displaced()
        #expect(try test.tick(after: .milliseconds(4999)) == [])
        #expect(try test.tick(after: .milliseconds(1)) == [partitionChange(topic, leader: 2)])
        #expect(try test.tick(after: .seconds(1)) == [])
    }

    @Test("Who leaves the ISR below the minimum can be elected again, and only then")
    func eligibleLeaders() throws {
        var test = try TestController { $0.idleIntervalMax = .zero }
        try test.start([0, 1, 2])
        let topic = try test.createTopic("t", replicas: [[0, 1, 2]])
        #expect(try test.heartbeat(0, wantFence: true).records.first == partitionChange(topic, isr: [1, 2], leader: 1))
        #expect(
            try test.heartbeat(1, wantFence: true).records.first
                == partitionChange(topic, isr: [2], leader: 2, elr: [1]))
        #expect(
            try test.heartbeat(2, wantFence: true).records.first
                == partitionChange(topic, isr: [], leader: -1, elr: [1, 2], lastKnownELR: [2]))
        // Broker 0 left while two others were in sync: it may lack what was acknowledged since.
        #expect(try test.heartbeat(0).records.count == 1)
        #expect(
            try test.heartbeat(1).records.last
                == partitionChange(topic, isr: [1], leader: 1, elr: [2], lastKnownELR: []))
        let request = try test.alterPartition(topic, isr: [1, 0])
        #expect(
            try test.run { $0.alterPartition(request, context: $1) }.records
                == [partitionChange(topic, isr: [1, 0], elr: [])])
        #expect(try test.replay() == test.image)
    }

    @Test("An unclean election takes any living replica, which then has to recover")
    func unclean() throws {
        var test = try TestController(minInsyncReplicas: 1) { $0.idleIntervalMax = .zero }
        try test.start([0, 1])
        let topic = try test.createTopic("t", replicas: [[0, 1]])
        try test.heartbeat(1, wantFence: true)
        try test.heartbeat(0, wantFence: true)
        try test.heartbeat(1)
        let asked = self.request(1, [("t", [0])])
        let result = try test.run { $0.electLeaders(asked, context: $1) }
        #expect(
            result.records == [partitionChange(topic, isr: [1], leader: 1, elr: [], lastKnownELR: [], recovery: 1)])
        #expect(self.codes(result.response) == [[.noError]])
        let recovered = try test.alterPartition(topic, isr: [1])
        #expect(
            try test.run { $0.alterPartition(recovered, context: $1) }.records == [partitionChange(topic, recovery: 0)])
        #expect(self.codes(try test.run { $0.electLeaders(asked, context: $1) }.response) == [[.electionNotNeeded]])
    }

    @Test("Allowing unclean elections elects at the next tick")
    func allowingUnclean() throws {
        var test = try TestController(minInsyncReplicas: 1) { $0.idleIntervalMax = .zero }
        try test.start([0, 1])
        let topic = try test.createTopic("t", replicas: [[0, 1]])
        try test.heartbeat(1, wantFence: true)
        try test.heartbeat(0, wantFence: true)
        try test.heartbeat(1)
        var setting = IncrementalAlterConfigsRequest.AlterableConfig()
        setting.name = "unclean.leader.election.enable"
        setting.value = "true"
        var resource = IncrementalAlterConfigsRequest.AlterConfigsResource()
        resource.resourceType = 2
        resource.resourceName = "t"
        resource.configs = [setting]
        var request = IncrementalAlterConfigsRequest()
        request.resources = [resource]
        let asked = request
        try test.run { $0.incrementalAlterConfigs(asked, context: $1) }
        #expect(
            try test.tick() == [partitionChange(topic, isr: [1], leader: 1, elr: [], lastKnownELR: [], recovery: 1)])
    }
}
