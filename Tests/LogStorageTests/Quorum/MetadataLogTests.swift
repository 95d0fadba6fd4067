import ApusCore
import FileSystem
import KafkaPrimitives
import KafkaRecords
import LogStorage
import SimulatedStorage
import Testing

@Suite("The metadata log")
struct MetadataLogTests {
    private let fileSystem = SimulatedFileSystem()

    private func open() throws -> MetadataLog {
        let directory = try LogDirectory(
            path: "/data", cache: OpenFileCache(fileSystem: self.fileSystem, capacity: 4))
        var configuration = LogConfiguration()
        configuration.segmentBytes = 1000
        return try MetadataLog.open(in: directory, configuration: configuration, now: 0, seed: 0)
    }

    /// A snapshot of a header and a footer.
    private let snapshotBytes = ByteSlice(
        BatchMaker.bytes(BatchMaker.marker(commit: true, producerID: 0, producerEpoch: 0), at: 0, epoch: 1)
            + BatchMaker.bytes(BatchMaker.marker(commit: true, producerID: 0, producerEpoch: 0), at: 1, epoch: 1))

    private func write(_ id: SnapshotID, _ log: MetadataLog) throws {
        var writer = try log.beginSnapshot(id)
        try writer.append(self.snapshotBytes[0..<10])
        try writer.append(self.snapshotBytes[10..<self.snapshotBytes.count])
        try writer.finish()
        log.finished(id)
    }

    @Test("a snapshot is read back in pieces, and survives a power loss")
    func snapshot() throws {
        let log = try self.open()
        for _ in 0..<3 { try log.log.append(5, epoch: 1) }
        try log.log.flush()
        let id = SnapshotID(offset: 10, epoch: 1)
        try self.write(id, log)
        #expect(id.fileName == "00000000000000000010-0000000001.checkpoint")
        self.fileSystem.restartAfterPowerLoss(seed: 9)
        let again = try self.open()
        #expect(again.snapshots == [id])
        #expect(try again.size(of: id) == Int64(self.snapshotBytes.count))
        let piece = try #require(try again.region(of: id, position: 7, maxBytes: 20))
        let file = try #require(piece.owner as? OpenFile)
        #expect(try file.readSlice(at: piece.offset, count: piece.count) == self.snapshotBytes[7..<27])
        #expect(try again.region(of: SnapshotID(offset: 9, epoch: 1), position: 0, maxBytes: 5)?.count == nil)
    }

    @Test("a damaged snapshot is refused, and an unfinished one is forgotten")
    func damaged() throws {
        let log = try self.open()
        var writer = try log.beginSnapshot(SnapshotID(offset: 1, epoch: 1))
        var bytes = self.snapshotBytes.array
        bytes[bytes.count - 2] ^= 1
        try writer.append(ByteSlice(bytes))
        do {
            try writer.finish()
            Issue.record("a damaged snapshot was accepted")
        } catch {
            #expect(error == LogError(.corruptFile, ""))
        }
        var unfinished = try log.beginSnapshot(SnapshotID(offset: 2, epoch: 1))
        try unfinished.append(self.snapshotBytes)
        self.fileSystem.restartAfterKill()
        #expect(try self.open().snapshots == [])
        #expect(try self.fileSystem.list("/data/__cluster_metadata-0").allSatisfy { !$0.name.hasSuffix(".part") })
    }

    @Test("what a snapshot covers is deleted, and the log starts there after a restart")
    func deleteBefore() throws {
        let log = try self.open()
        for _ in 0..<20 { try log.log.append(5, epoch: 1) }
        try self.write(SnapshotID(offset: 10, epoch: 1), log)
        try self.write(SnapshotID(offset: 55, epoch: 1), log)
        #expect(log.log.segmentCount > 2)
        #expect(try log.deleteBefore(SnapshotID(offset: 55, epoch: 1), now: 0))
        #expect(log.snapshots == [SnapshotID(offset: 55, epoch: 1)])
        #expect(log.log.logStartOffset == 55)
        #expect(log.startSnapshot == SnapshotID(offset: 55, epoch: 1))
        try log.log.flush()
        self.fileSystem.restartAfterPowerLoss(seed: 4)
        let again = try self.open()
        #expect(again.log.logStartOffset == 55)
        #expect(again.log.logEndOffset == 100)
        #expect(try again.log.headers(from: 55).first?.baseOffset == 55)
    }

    @Test("a snapshot beyond the log's end takes its place, also where a crash came between")
    func install() throws {
        let log = try self.open()
        try log.log.append(5, epoch: 1)
        try log.log.flush()
        let id = SnapshotID(offset: 500, epoch: 3)
        try self.write(id, log)
        self.fileSystem.restartAfterPowerLoss(seed: 1)
        let again = try self.open()
        #expect(again.log.logStartOffset == 500)
        #expect(again.log.logEndOffset == 500)
        try again.log.append(1, epoch: 3)
        #expect(try again.log.everything() == [BatchSummary(base: 500, last: 500, epoch: 3)])
    }

    @Test("the quorum's state has Kafka's JSON in both versions")
    func quorumState() throws {
        let log = try self.open()
        #expect(try log.quorumState() == nil)
        let state = QuorumState(leaderID: 0, leaderEpoch: 1, votedID: -1, voters: [0, 2])
        try log.write(state)
        #expect(
            try self.text("quorum-state")
                == "{\"clusterId\":\"\",\"leaderId\":0,\"leaderEpoch\":1,\"votedId\":-1,\"appliedOffset\":0,"
                + "\"currentVoters\":[{\"voterId\":0},{\"voterId\":2}],\"data_version\":0}")
        #expect(try log.quorumState() == state)
        let dynamic = QuorumState(
            leaderID: -1, leaderEpoch: 4, votedID: 2, votedDirectoryID: KafkaUUID(high: 1, low: 2), voters: nil)
        try log.write(dynamic)
        self.fileSystem.restartAfterPowerLoss(seed: 8)
        #expect(try self.open().quorumState() == dynamic)
    }

    private func text(_ name: String) throws -> String? {
        try self.fileSystem.contents(of: "/data/__cluster_metadata-0/\(name)", maxBytes: 10_000).map {
            String(decoding: $0.array, as: UTF8.self)
        }
    }
}
