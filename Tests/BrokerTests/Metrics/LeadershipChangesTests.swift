import ApusCore
import Broker
import ClusterMetadata
import KafkaStoredMessages
import Testing

@Suite("Leadership changes")
struct LeadershipChangesTests {
    private static let topic = TopicID(KafkaUUID(high: 1, low: 2))

    /// A topic with three partitions led by brokers 1, 1 and 2, all with the ISR 1, 2.
    private static func replay() throws -> MetadataReplay {
        var replay = MetadataReplay()
        var topic = TopicRecord()
        topic.name = "orders"
        topic.topicId = self.topic
        try replay.apply(.topic(topic), at: 0, epoch: 1)
        for (index, leader) in [NodeID(1), 1, 2].enumerated() {
            var partition = PartitionRecord()
            partition.topicId = self.topic
            partition.partitionId = PartitionIndex(Int32(index))
            partition.replicas = [1, 2]
            partition.isr = [1, 2]
            partition.leader = leader
            try replay.apply(.partition(partition), at: Offset(Int64(index + 1)), epoch: 1)
        }
        return replay
    }

    private static func change(_ index: Int32, isr: [NodeID]? = nil, leader: NodeID = -2) -> MetadataRecord {
        var change = PartitionChangeRecord()
        change.topicId = self.topic
        change.partitionId = PartitionIndex(index)
        change.isr = isr
        change.leader = leader
        return .partitionChange(change)
    }

    /// What `records` are as changes, seen by broker 1.
    private static func changes(_ records: [MetadataRecord]) throws -> LeadershipChanges {
        var replay = try self.replay()
        let first = replay.publish()
        let before = try #require(first).image
        for (index, record) in records.enumerated() {
            try replay.apply(record, at: Offset(Int64(index + 4)), epoch: 1)
        }
        let second = replay.publish()
        return LeadershipChanges(from: before, to: try #require(second), localID: 1)
    }

    private static func expected(elections: Int = 0, shrinks: Int = 0, expansions: Int = 0) -> LeadershipChanges {
        var changes = LeadershipChanges()
        changes.leaderElections = elections
        changes.isrShrinks = shrinks
        changes.isrExpansions = expansions
        return changes
    }

    @Test("new partitions are no elections")
    func new() throws {
        var replay = try Self.replay()
        let published = replay.publish()
        let publication = try #require(published)
        #expect(LeadershipChanges(from: MetadataImage(), to: publication, localID: 1) == Self.expected())
    }

    @Test("the ISR counts where this broker leads")
    func shrinks() throws {
        #expect(
            try Self.changes([Self.change(0, isr: [1]), Self.change(1, isr: [1]), Self.change(2, isr: [2])])
                == Self.expected(shrinks: 2))
    }

    @Test("every partition that gets another leader is an election, and one that loses its leader is not")
    func elections() throws {
        #expect(
            try Self.changes([Self.change(0, isr: [2], leader: 2), Self.change(2, isr: [1], leader: 1)])
                == Self.expected(elections: 2))
        #expect(try Self.changes([Self.change(0, isr: [1], leader: -1)]) == Self.expected())
    }

    @Test("the cluster's partitions are counted with those that nobody leads")
    func census() throws {
        var replay = try Self.replay()
        try replay.apply(Self.change(0, isr: [1], leader: -1), at: 4, epoch: 1)
        var census = MetadataCensus()
        census.topics = 1
        census.partitions = 3
        census.offlinePartitions = 1
        census.partitionsOffPreferredLeader = 1
        let published = replay.publish()
        let publication = try #require(published)
        #expect(MetadataCensus(publication.image) == census)
    }
}
