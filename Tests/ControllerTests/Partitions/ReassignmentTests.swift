import ApusCore
import ClusterMetadata
import Controller
import KafkaProtocol
import KafkaStoredMessages
import StateMachine
import Testing

struct ReassignmentTests {
    private func request(
        _ topic: String, _ index: PartitionIndex = 0, to replicas: [NodeID]?
    ) -> AlterPartitionReassignmentsRequest {
        var partition = AlterPartitionReassignmentsRequest.ReassignablePartition()
        partition.partitionIndex = index
        partition.replicas = replicas
        var target = AlterPartitionReassignmentsRequest.ReassignableTopic()
        target.name = topic
        target.partitions = [partition]
        var request = AlterPartitionReassignmentsRequest()
        request.topics = [target]
        return request
    }

    private func directories(_ brokers: [NodeID]) -> [KafkaUUID] {
        brokers.map { TestController.directory(of: $0) }
    }

    @Test("A move to another broker ends when the leader has brought it in sync, as in the log of Kafka 4.3.1")
    func move() throws {
        var test = try TestController(minInsyncReplicas: 1)
        try test.start([0, 1, 2])
        let topic = try test.createTopic("beta", replicas: [[0, 1]])
        let asked = self.request("beta", to: [2])
        #expect(
            try test.run { $0.alterPartitionReassignments(asked, context: $1) }.records == [
                partitionChange(
                    topic, replicas: [2, 0, 1], adding: [2], removing: [0, 1], directories: self.directories([2, 0, 1]))
            ])
        let listed = Controller.listPartitionReassignments(ListPartitionReassignmentsRequest(), in: test.image)
        #expect(listed.topics.map(\.name) == ["beta"])
        #expect(listed.topics[0].partitions.map(\.addingReplicas) == [[2]])
        let inSync = try test.alterPartition(topic, isr: [0, 1, 2])
        let result = try test.run { $0.alterPartition(inSync, context: $1) }
        #expect(
            result.records == [
                partitionChange(
                    topic, isr: [2], leader: 2, replicas: [2], adding: [], removing: [],
                    directories: self.directories([2]))
            ])
        #expect(result.response.topics[0].partitions.map(\.errorCode) == [.newLeaderElected])
        #expect(try test.replay() == test.image)
    }

    @Test("A move that only adds ends without a new leader epoch")
    func addition() throws {
        var test = try TestController()
        try test.start([0, 1, 2])
        let topic = try test.createTopic("t", replicas: [[2, 0]])
        let asked = self.request("t", to: [0, 1, 2])
        #expect(
            try test.run { $0.alterPartitionReassignments(asked, context: $1) }.records
                == [
                    partitionChange(topic, replicas: [0, 1, 2], adding: [1], directories: self.directories([0, 1, 2]))
                ])
        let inSync = try test.alterPartition(topic, isr: [0, 1, 2])
        #expect(
            try test.run { $0.alterPartition(inSync, context: $1) }.records
                == [partitionChange(topic, isr: [0, 1, 2], adding: [])])
    }

    @Test("A move that was called off leaves the old replicas, with a new leader epoch for those added")
    func cancellation() throws {
        var test = try TestController()
        try test.start([0, 1, 2])
        let topic = try test.createTopic("t", replicas: [[0, 1]])
        let asked = self.request("t", to: [2, 1])
        try test.run { $0.alterPartitionReassignments(asked, context: $1) }
        let cancel = self.request("t", to: nil)
        #expect(
            try test.run { $0.alterPartitionReassignments(cancel, context: $1) }.records == [
                partitionChange(
                    topic, leader: 0, replicas: [1, 0], adding: [], removing: [], directories: self.directories([1, 0]))
            ])
        let again = try test.run { $0.alterPartitionReassignments(cancel, context: $1) }
        #expect(again.records == [])
        #expect(again.response.responses[0].partitions.map(\.errorCode) == [.noReassignmentInProgress])
    }

    @Test("A second move replaces the first, and what it no longer wants is not waited for")
    func replacement() throws {
        var test = try TestController(minInsyncReplicas: 1)
        try test.start([0, 1, 2, 3])
        let topic = try test.createTopic("t", replicas: [[0, 1]])
        for target: [NodeID] in [[0, 2], [0, 3]] {
            let asked = self.request("t", to: target)
            try test.run { $0.alterPartitionReassignments(asked, context: $1) }
        }
        let state = try test.partition(topic)
        #expect(state.replicas == [0, 3, 1, 2])
        #expect(state.addingReplicas == [3])
        #expect(state.removingReplicas == [1, 2])
        let inSync = try test.alterPartition(topic, isr: [0, 1, 3])
        try test.run { $0.alterPartition(inSync, context: $1) }
        #expect(try test.partition(topic).replicas == [0, 3])
        #expect(try test.partition(topic).isr == [0, 3])
    }

    @Test("Moves that make no sense are refused in Kafka's words")
    func refusals() throws {
        var test = try TestController()
        try test.start([0, 1])
        try test.createTopic("t", replicas: [[0, 1]])
        var fixed = self.request("t", to: [0])
        fixed.allowReplicationFactorChange = false
        let cases: [(AlterPartitionReassignmentsRequest, ErrorCode, String)] = [
            (self.request("x", to: [0]), .unknownTopicOrPartition, "Unable to find a topic named x."),
            (self.request("t", 3, to: [0]), .unknownTopicOrPartition, "Unable to find partition t:3."),
            (
                self.request("t", to: []), .invalidReplicaAssignment,
                "The manual partition assignment includes an empty replica list."
            ),
            (fixed, .invalidReplicationFactor, "The replication factor is changed from 2 to 1"),
        ]
        for (asked, code, message) in cases {
            let result = try test.run { $0.alterPartitionReassignments(asked, context: $1) }
            #expect(result.records == [])
            #expect(result.response.responses[0].partitions.map(\.errorCode) == [code])
            #expect(result.response.responses[0].partitions.map(\.errorMessage) == [message])
        }
    }
}
