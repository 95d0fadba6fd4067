import ApusCore
import ClusterMetadata
import Controller
import KafkaProtocol
import KafkaStoredMessages
import StateMachine
import Testing

struct DirectoryTests {
    private let good = KafkaUUID(high: 5, low: 1)
    private let bad = KafkaUUID(high: 5, low: 2)

    private func request(_ broker: NodeID, _ epoch: BrokerEpoch, _ directory: KafkaUUID, _ topics: [TopicID])
        -> AssignReplicasToDirsRequest
    {
        var data = AssignReplicasToDirsRequest.DirectoryData()
        data.id = directory
        data.topics = topics.map { id in
            var topic = AssignReplicasToDirsRequest.TopicData()
            topic.topicId = id
            topic.partitions = [AssignReplicasToDirsRequest.PartitionData()]
            return topic
        }
        var request = AssignReplicasToDirsRequest()
        request.brokerId = broker
        request.brokerEpoch = epoch
        request.directories = [data]
        return request
    }

    @Test("A broker with several directories says where its replicas are; one in a failed directory is out of sync")
    func assignment() throws {
        var test = try TestController(minInsyncReplicas: 1)
        try test.start([0])
        var registration = TestController.registration(1)
        registration.logDirs = [self.good, self.bad]
        let asked = registration
        try test.run { $0.registerBroker(asked, context: $1) }
        try test.heartbeat(1)
        let topic = try test.createTopic("t", replicas: [[1, 0]])
        let other = try test.createTopic("other", replicas: [[0]])
        #expect(try test.partition(topic).directories == [DirectoryID.unassigned, TestController.directory(of: 0)])
        let epoch = try #require(test.image.brokers[1]?.epoch)
        let placed = self.request(1, epoch, self.bad, [topic, other, TopicID(KafkaUUID(high: 9, low: 9))])
        let result = try test.run { $0.assignReplicasToDirectories(placed, context: $1) }
        #expect(
            result.records
                == [partitionChange(topic, directories: [self.bad, TestController.directory(of: 0)])])
        #expect(
            result.response.directories[0].topics.map { $0.partitions.map(\.errorCode) }
                == [[.noError], [.notLeaderOrFollower], [.unknownTopicID]])
        let failure = try test.heartbeat(1) { $0.offlineLogDirs = [self.bad] }
        #expect(
            failure.records
                == [partitionChange(topic, isr: [0], leader: 0), brokerChange(1, epoch: epoch, logDirs: [self.good])])
        #expect(try test.replay() == test.image)
    }

    @Test("A replica in a directory that is offline cannot come back into the ISR")
    func failedDirectoryStaysOut() throws {
        var test = try TestController(minInsyncReplicas: 1)
        try test.start([0])
        var registration = TestController.registration(1)
        registration.logDirs = [self.good, self.bad]
        let asked = registration
        try test.run { $0.registerBroker(asked, context: $1) }
        try test.heartbeat(1)
        let topic = try test.createTopic("t", replicas: [[0, 1]])
        let epoch = try #require(test.image.brokers[1]?.epoch)
        let placed = self.request(1, epoch, self.bad, [topic])
        try test.run { $0.assignReplicasToDirectories(placed, context: $1) }
        try test.heartbeat(1) { $0.offlineLogDirs = [self.bad] }
        let before = try test.partition(topic)
        #expect(before.isr == [0])
        var data = AlterPartitionRequest.PartitionData()
        data.leaderEpoch = before.leaderEpoch
        data.partitionEpoch = before.partitionEpoch
        data.newIsrWithEpochs = [NodeID(0), 1].map { id in
            var member = AlterPartitionRequest.BrokerState()
            member.brokerId = id
            return member
        }
        var topicData = AlterPartitionRequest.TopicData()
        topicData.topicId = topic
        topicData.partitions = [data]
        var request = AlterPartitionRequest()
        request.brokerId = 0
        request.brokerEpoch = try #require(test.image.brokers[0]?.epoch)
        request.topics = [topicData]
        let proposal = request
        let result = try test.run { $0.alterPartition(proposal, context: $1) }
        #expect(result.response.topics.map { $0.partitions.map(\.errorCode) } == [[.ineligibleReplica]])
    }

    @Test("A replica that is assigned to a directory that is not online is out of sync at once")
    func offlineDirectory() throws {
        var test = try TestController(minInsyncReplicas: 1)
        try test.start([0, 1])
        let topic = try test.createTopic("t", replicas: [[1, 0]])
        let epoch = try #require(test.image.brokers[1]?.epoch)
        let lost = self.request(1, epoch, DirectoryID.lost, [topic])
        #expect(
            try test.run { $0.assignReplicasToDirectories(lost, context: $1) }.records == [
                partitionChange(topic, directories: [DirectoryID.lost, TestController.directory(of: 0)]),
                partitionChange(topic, isr: [0], leader: 0),
            ])
        let stale = self.request(1, epoch - 1, self.good, [topic])
        #expect(
            try test.run { $0.assignReplicasToDirectories(stale, context: $1) }.response.errorCode == .staleBrokerEpoch)
    }
}
