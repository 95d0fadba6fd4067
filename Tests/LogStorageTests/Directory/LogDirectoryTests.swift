import ApusCore
import FileSystem
import KafkaPrimitives
import LogStorage
import SimulatedStorage
import Testing

@Suite("A log directory")
struct LogDirectoryTests {
    private let fileSystem = SimulatedFileSystem()

    private func open() throws -> LogDirectory {
        try LogDirectory(path: "/var/data", cache: OpenFileCache(fileSystem: self.fileSystem, capacity: 4))
    }

    private func text(_ name: String) throws -> String? {
        try self.fileSystem.contents(of: "/var/data/\(name)", maxBytes: 10_000).map {
            String(decoding: $0.array, as: UTF8.self)
        }
    }

    @Test("it can be opened once at a time")
    func locked() throws {
        let first = try self.open()
        #expect(throws: LogError(.locked, "")) { try self.open() }
        withExtendedLifetime(first) {}
    }

    @Test("its identity is written as Kafka reads it, and read as Kafka writes it")
    func metaProperties() throws {
        let directory = try self.open()
        #expect(try directory.metaProperties() == nil)
        let id = try #require(KafkaUUID("NbhvcF0l1pPNeKaj4DCUfw"))
        let properties = MetaProperties(clusterID: "AAuFZB28lUH1DEo4-0CECA", nodeID: 3, directoryID: id)
        try directory.write(properties)
        #expect(try directory.metaProperties() == properties)
        #expect(
            try self.text("meta.properties")
                == "#\ndirectory.id=NbhvcF0l1pPNeKaj4DCUfw\nnode.id=3\nversion=1\ncluster.id=AAuFZB28lUH1DEo4-0CECA\n")
        let file = try self.fileSystem.open("/var/data/meta.properties", .createOrTruncate)
        try file.write(
            Array("#\n#Sat Nov 21 11:07:53 UTC 2026\nnode.id=3\nversion=1\ncluster.id=AAuFZB28lUH1DEo4-0CECA\n".utf8),
            at: 0)
        #expect(
            try directory.metaProperties()
                == MetaProperties(clusterID: "AAuFZB28lUH1DEo4-0CECA", nodeID: 3, directoryID: nil))
    }

    @Test("offset checkpoints have Kafka's text and survive a power loss", arguments: OffsetCheckpoint.allCases)
    func checkpoints(checkpoint: OffsetCheckpoint) throws {
        let directory = try self.open()
        #expect(try directory.offsets(checkpoint) == [:])
        let offsets = [
            TopicPartition(topic: "b", partition: 0): Offset(5), TopicPartition(topic: "a", partition: 11): Offset(77),
        ]
        try directory.write(offsets, checkpoint)
        #expect(try self.text(checkpoint.rawValue) == "0\n2\na 11 77\nb 0 5\n")
        self.fileSystem.restartAfterPowerLoss(seed: 3)
        #expect(try self.open().offsets(checkpoint) == offsets)
    }

    @Test(
        "a checkpoint that is cut or of another version is refused",
        arguments: ["0\n2\na 1 7\n", "1\n0\n", "0\n1\na 1\n"])
    func damagedCheckpoint(text: String) throws {
        let directory = try self.open()
        let path = "/var/data/\(OffsetCheckpoint.logStart.rawValue)"
        try self.fileSystem.open(path, .createOrTruncate).write(Array(text.utf8), at: 0)
        #expect(throws: LogError(.corruptFile, "")) { try directory.offsets(.logStart) }
    }

    @Test("the mark of a clean shutdown says the broker's epoch, and can be removed")
    func cleanShutdown() throws {
        let directory = try self.open()
        #expect(try directory.cleanShutdownMark() == nil)
        try directory.write(CleanShutdownMark(brokerEpoch: 745))
        #expect(try self.text(".kafka_cleanshutdown") == "{\"version\":0,\"brokerEpoch\":745}")
        #expect(try directory.cleanShutdownMark() == CleanShutdownMark(brokerEpoch: 745))
        try directory.removeCleanShutdownMark()
        self.fileSystem.restartAfterPowerLoss(seed: 1)
        #expect(try self.open().cleanShutdownMark() == nil)
    }

    @Test("a partition's folder is made with its topic's id, renamed under an open log, and removed")
    func partitions() throws {
        let directory = try self.open()
        let folder = PartitionFolder(TopicPartition(topic: "orders", partition: 2))
        let topicID = TopicID(KafkaUUID(high: 5, low: 6))
        try directory.createFolder(folder, topicID: topicID)
        #expect(try self.text("orders-2/partition.metadata") == "version: 0\ntopic_id: \(topicID)")
        #expect(try directory.partitionFolders() == [folder])
        #expect(try directory.topicID(of: folder) == topicID)
        let log = try directory.openLog(
            folder, configuration: LogConfiguration(), recoveryPoint: 0, logStartOffset: 0, isClean: false, seed: 0,
            now: 0)
        try log.append(3)
        let renamed = try directory.rename(folder, to: .deleted, id: KafkaUUID(high: 1, low: 2), log: log)
        #expect(try directory.partitionFolders() == [renamed])
        #expect(try log.everything() == [BatchSummary(base: 0, last: 2, epoch: 0)])
        try directory.remove(renamed)
        #expect(try directory.partitionFolders() == [])
    }

    @Test("what a flush has covered survives a power loss in a folder that was made without waiting", arguments: 0..<50)
    func newFolderIsDurableWithItsLog(seed: UInt64) throws {
        let folder = PartitionFolder(TopicPartition(topic: "orders", partition: 0))
        let topicID = TopicID(KafkaUUID(high: 5, low: 6))
        for _ in 0..<2 {
            let directory = try self.open()
            try directory.createFolder(folder, topicID: topicID, durable: false)
            let log = try directory.openLog(
                folder, configuration: LogConfiguration(), recoveryPoint: 0, logStartOffset: 0, isClean: false, seed: 0,
                now: 0)
            try log.append(3)
            try log.flush()
            let end = log.logEndOffset
            try log.append(1)
            // The second time, making the folder again must not endanger what is there.
            self.fileSystem.restartAfterPowerLoss(seed: seed)
            let again = try self.open()
            #expect(try again.partitionFolders() == [folder])
            #expect(try again.topicID(of: folder) == topicID)
            let recovered = try again.openLog(
                folder, configuration: LogConfiguration(), recoveryPoint: end, logStartOffset: 0, isClean: false,
                seed: 0, now: 0)
            #expect(recovered.logEndOffset >= end)
            self.fileSystem.restartAfterKill()
        }
    }

    @Test("a topic's id that was cut is none, and another text is refused", arguments: 0..<43)
    func cutTopicID(count: Int) throws {
        let directory = try self.open()
        let folder = PartitionFolder(TopicPartition(topic: "orders", partition: 2))
        try directory.createFolder(folder, topicID: TopicID(KafkaUUID(high: 5, low: 6)))
        let file = try self.fileSystem.open("/var/data/orders-2/partition.metadata", .readWrite)
        #expect(try file.size() == 43)
        try file.truncate(to: Int64(count))
        #expect(try directory.topicID(of: folder) == nil)
        try file.write(Array("nonsense".utf8), at: 0)
        #expect(throws: LogError(.corruptFile, "")) { try directory.topicID(of: folder) }
    }
}
