import ApusCore
import LogStorage
import Testing

@Suite("The names of partitions' folders")
struct PartitionFolderTests {
    @Test("a name tells topic, index and state")
    func parse() throws {
        let plain = try #require(PartitionFolder(name: "a-b.c-12"))
        #expect(plain.partition == TopicPartition(topic: "a-b.c", partition: 12))
        #expect(plain.state == .current)
        let deleted = try #require(PartitionFolder(name: "a-b.c-12.0123456789abcdef-delete"))
        #expect(deleted.partition == TopicPartition(topic: "a-b.c", partition: 12))
        #expect(deleted.state == .deleted)
        #expect(PartitionFolder(name: "t-0.1-future")?.state == .future)
        #expect(PartitionFolder(name: "t-0.1-stray")?.state == .stray)
    }

    @Test("what is no partition's folder has no meaning", arguments: ["", "topic", "topic-", "-1", "topic-x", "t--x"])
    func refused(name: String) {
        #expect(PartitionFolder(name: name) == nil)
    }

    @Test("a renamed folder's name is read back, also for the longest topic")
    func renamed() throws {
        let topic = String(repeating: "t", count: 249)
        let folder = PartitionFolder(TopicPartition(topic: topic, partition: 7))
        let deleted = folder.renamed(to: .deleted, id: KafkaUUID(high: 1, low: 0xabc))
        #expect(deleted.name.utf8.count == 255)
        let read = try #require(PartitionFolder(name: deleted.name))
        #expect(read.state == .deleted)
        #expect(read.partition.partition == 7)
        #expect(topic.hasPrefix(read.partition.topic))
    }
}
