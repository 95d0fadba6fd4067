import ApusCore
import Broker
import ClusterMetadata
import KafkaStoredMessages
import Testing

@Suite("Partitions that one zone keeps from falling below the minimum")
struct ZoneRiskCensusTests {
    private static let topicID = TopicID(KafkaUUID(high: 1, low: 100))

    private struct Cluster {
        var image = MetadataImage()
        private var offset: Offset = 0

        init(racks: [String?], partitions: [(replicas: [NodeID], isr: [NodeID])]) throws {
            for (index, rack) in racks.enumerated() {
                var record = RegisterBrokerRecord()
                record.brokerId = NodeID(Int32(index))
                record.rack = rack
                record.fenced = false
                try self.apply(.registerBroker(record))
            }
            var topic = TopicRecord()
            topic.name = "t"
            topic.topicId = ZoneRiskCensusTests.topicID
            try self.apply(.topic(topic))
            for (index, partition) in partitions.enumerated() {
                var record = PartitionRecord()
                record.topicId = topic.topicId
                record.partitionId = PartitionIndex(Int32(index))
                record.replicas = partition.replicas
                record.isr = partition.isr
                record.leader = partition.isr[0]
                try self.apply(.partition(record))
            }
        }

        mutating func apply(_ record: MetadataRecord) throws {
            try self.image.apply(record, at: self.offset, epoch: 1)
            self.offset += 1
        }

        mutating func setMinInsyncReplicas(_ value: String, topic: String) throws {
            var record = ConfigRecord()
            record.resourceType = topic.isEmpty ? 4 : 2
            record.resourceName = topic
            record.name = "min.insync.replicas"
            record.value = value
            try self.apply(.config(record))
        }

        func census(_ leader: NodeID, minimum: Int = 2) -> ZoneRiskCensus {
            ZoneRiskCensus(self.image, leader: leader, defaultMinInsyncReplicas: minimum)
        }
    }

    private func census(_ count: Int, _ zones: [String], _ example: PartitionIndex?) -> ZoneRiskCensus {
        var census = ZoneRiskCensus()
        census.partitionCount = count
        census.zones = zones
        census.example = example.map { TopicPartition(topic: "t", partition: $0) }
        return census
    }

    @Test("Only partitions led by the broker count, with the zones that must not be lost")
    func counted() throws {
        let cluster = try Cluster(
            racks: ["a", "b", "c"],
            partitions: [([0, 1, 2], [0, 1, 2]), ([0, 1, 2], [0, 1]), ([1, 2, 0], [1, 2]), ([0, 2, 1], [0, 2])])
        #expect(cluster.census(0) == self.census(2, ["a", "b", "c"], 1))
        #expect(cluster.census(1) == self.census(1, ["b", "c"], 2))
        #expect(cluster.census(2) == ZoneRiskCensus())
        #expect(cluster.census(0, minimum: 1) == ZoneRiskCensus())
    }

    @Test("The minimum is the topic's, then the cluster's, then the node's, and at most the number of replicas")
    func minimum() throws {
        var cluster = try Cluster(racks: ["a", "b", "c"], partitions: [([0, 1, 2], [0, 1, 2]), ([0], [0])])
        // One replica alone is lost with its zone.
        #expect(cluster.census(0, minimum: 1) == self.census(1, ["a"], 1))
        try cluster.setMinInsyncReplicas("3", topic: "")
        #expect(cluster.census(0, minimum: 1).partitionCount == 2)
        try cluster.setMinInsyncReplicas("1", topic: "t")
        #expect(cluster.census(0, minimum: 3).partitionCount == 1)
    }

    @Test("A cluster without zones is not told that it may lose one")
    func withoutZones() throws {
        let cluster = try Cluster(racks: [nil, nil, nil], partitions: [([0, 1, 2], [0, 1])])
        #expect(cluster.census(0) == ZoneRiskCensus())
    }

    @Test("It is told once when it begins and once when it ends")
    func watch() throws {
        var watch = ZoneRiskWatch(localID: 0, defaultMinInsyncReplicas: 2)
        let safe = try Cluster(racks: ["a", "b", "c"], partitions: [([0, 1, 2], [0, 1, 2])]).image
        let endangered = try Cluster(racks: ["a", "b", "c"], partitions: [([0, 1, 2], [0, 2])]).image
        let turns = [safe, endangered, endangered, safe, safe].map { watch.look(at: $0) }
        #expect(turns == [nil, .began(self.census(1, ["a", "c"], 0)), nil, .ended, nil])
    }
}
