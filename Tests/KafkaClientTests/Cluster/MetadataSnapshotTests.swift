import ApusCore
import KafkaClient
import KafkaProtocol
import Testing

@Suite struct MetadataSnapshotTests {
    private static let id = TopicID(KafkaUUID(high: 1, low: 2))
    private static let otherID = TopicID(KafkaUUID(high: 3, low: 4))

    /// An answer about the topic `t` with these leaders and epochs by partition.
    private static func answer(
        _ leaders: [(NodeID, LeaderEpoch)], id: TopicID = MetadataSnapshotTests.id, error: ErrorCode = .noError
    ) -> MetadataResponse {
        var response = MetadataResponse()
        response.brokers = [NodeID(1), NodeID(2)].map { node in
            var broker = MetadataResponse.MetadataResponseBroker()
            broker.nodeId = node
            broker.host = "h\(node)"
            broker.port = 9092
            return broker
        }
        var topic = MetadataResponse.MetadataResponseTopic()
        topic.name = "t"
        topic.topicId = id
        topic.errorCode = error
        // Brokers give partitions in any order.
        topic.partitions = leaders.enumerated().reversed().map { index, leader in
            var partition = MetadataResponse.MetadataResponsePartition()
            partition.partitionIndex = PartitionIndex(Int32(index))
            partition.leaderId = leader.0
            partition.leaderEpoch = leader.1
            return partition
        }
        response.topics = [topic]
        return response
    }

    private static func leaders(_ snapshot: MetadataSnapshot) -> [NodeID] {
        snapshot.topics["t"]?.partitions.map(\.leader) ?? []
    }

    @Test func anAnswerTellsBrokersAndLeaders() {
        var snapshot = MetadataSnapshot()
        snapshot.apply(Self.answer([(1, 4), (2, 5)]))
        #expect(
            snapshot.topics == [
                "t": TopicMetadata(
                    name: "t", id: Self.id,
                    partitions: [
                        PartitionMetadata(leader: 1, leaderEpoch: 4), PartitionMetadata(leader: 2, leaderEpoch: 5),
                    ])
            ])
        #expect(snapshot.name(of: Self.id) == "t")
        #expect(
            snapshot.brokers == [
                1: BrokerEndpoint(node: 1, host: "h1", port: 9092), 2: BrokerEndpoint(node: 2, host: "h2", port: 9092),
            ])
    }

    @Test func anOlderLeaderEpochDoesNotReplaceANewerOne() {
        var snapshot = MetadataSnapshot()
        snapshot.apply(Self.answer([(1, 4), (1, 4)]))
        snapshot.apply(Self.answer([(2, 3), (2, 5)]))
        #expect(Self.leaders(snapshot) == [1, 2])
    }

    @Test func aRecreatedTopicBeginsWithOldEpochsAgain() {
        var snapshot = MetadataSnapshot()
        snapshot.apply(Self.answer([(1, 4)]))
        snapshot.apply(Self.answer([(2, 0)], id: Self.otherID))
        #expect(Self.leaders(snapshot) == [2])
        #expect(snapshot.name(of: Self.id) == nil)
        #expect(snapshot.name(of: Self.otherID) == "t")
    }

    @Test func aHintCountsOnlyIfItsEpochIsNewer() {
        var snapshot = MetadataSnapshot()
        snapshot.apply(Self.answer([(1, 4)]))
        let refused = [
            snapshot.learn(leader: 2, epoch: 4, of: "t", 0), snapshot.learn(leader: .none, epoch: 9, of: "t", 0),
            snapshot.learn(leader: 2, epoch: 9, of: "t", 1),
        ]
        #expect(refused == [false, false, false])
        #expect(Self.leaders(snapshot) == [1])
        let isNews = snapshot.learn(leader: 2, epoch: 5, of: "t", 0)
        #expect(isNews)
        #expect(Self.leaders(snapshot) == [2])
    }

    @Test func aDeletedTopicIsForgottenAndATroubledOneIsNot() {
        var snapshot = MetadataSnapshot()
        snapshot.apply(Self.answer([(1, 4)]))
        snapshot.apply(Self.answer([], error: .leaderNotAvailable))
        #expect(Self.leaders(snapshot) == [1])
        snapshot.apply(Self.answer([], error: .unknownTopicOrPartition))
        #expect(snapshot.topics.isEmpty)
        #expect(snapshot.failures == ["t": .unknownTopicOrPartition])
    }
}
