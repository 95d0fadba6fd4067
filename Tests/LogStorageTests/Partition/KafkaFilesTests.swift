import ApusCore
import FileSystem
import KafkaPrimitives
import KafkaRecords
import LogStorage
import Testing

@Suite("Files of Kafka, and Kafka on our files")
struct KafkaFilesTests {
    private static let end: Offset = 446
    private static let aborted = [41, 123, 205].map { (first: Int64) in
        AbortedTransaction(
            producerID: 0, firstOffset: Offset(first), lastOffset: Offset(first + 40),
            lastStableOffset: Offset(first + 41))
    }

    private func fixture(_ name: String, in folder: TemporaryFolder) throws -> LogFixture {
        try LogFixture(PosixFileSystem(), folder: folder.copy(fixture: name))
    }

    private func expectWhole(_ log: PartitionLog) throws {
        #expect(log.logStartOffset == 0)
        #expect(log.logEndOffset == Self.end)
        #expect(log.segmentBaseOffsets == [0, 40])
        #expect(log.epochs.entries == [.init(epoch: 0, startOffset: 0)])
        let batches = try log.everything()
        #expect(batches.last?.last == Self.end - 1)
        #expect(zip(batches, batches.dropFirst()).allSatisfy { $0.last + 1 == $1.base })
        #expect(log.abortedTransactions(from: 0, to: Self.end) == Self.aborted)
        #expect(log.producerStates.entries.map(\.id) == [0, 1])
        #expect(log.producerStates[1]?.lastSequence == 199)
        for offset in 0..<Self.end.rawValue {
            let batch = try #require(try log.headers(from: Offset(offset), maxBytes: 1).first)
            #expect(batch.baseOffset <= Offset(offset) && Offset(offset) <= batch.lastOffset)
        }
        #expect(try log.batch(notOlderThan: 1_700_000_100_150)?.maxTimestamp == 1_795_259_573_379)
    }

    @Test("a partition that Kafka shut down is opened as it is")
    func clean() throws {
        let folder = try TemporaryFolder()
        let fixture = try self.fixture("kafka-4.3.1-clean", in: folder)
        let log = try fixture.open(recoveryPoint: Self.end, isClean: true)
        try self.expectWhole(log)
        let before = try fixture.fileNames
        try log.close()
        #expect(try fixture.fileNames == before)
    }

    @Test("a partition of a killed Kafka is recovered to the same", arguments: [0, 40, 300] as [Offset])
    func killed(recoveryPoint: Offset) throws {
        let folder = try TemporaryFolder()
        let fixture = try self.fixture("kafka-4.3.1-killed", in: folder)
        let log = try fixture.open(recoveryPoint: recoveryPoint)
        try self.expectWhole(log)
        try log.close()
        let clean = try TemporaryFolder.fixture("kafka-4.3.1-clean")
        for name in ["00000000000000000000.index", "00000000000000000040.txnindex"] {
            let ours = try fixture.fileSystem.contents(of: "\(fixture.folder)/\(name)", maxBytes: 10_000)
            #expect(try ours == fixture.fileSystem.contents(of: "\(clean)/\(name)", maxBytes: 10_000), "\(name)")
        }
    }

    @Test("zeros that Kafka preallocated do not count as index entries")
    func preallocated() throws {
        let folder = try TemporaryFolder()
        let fixture = try self.fixture("kafka-4.3.1-killed", in: folder)
        // As if it had been shut down: nothing is recovered, the indexes are taken as they are.
        try self.expectWhole(fixture.open(recoveryPoint: Self.end, isClean: true))
    }

    @Test("missing indexes are built anew", arguments: ["index", "timeindex"])
    func missing(suffix: String) throws {
        let folder = try TemporaryFolder()
        let fixture = try self.fixture("kafka-4.3.1-clean", in: folder)
        try fixture.fileSystem.remove("\(fixture.folder)/00000000000000000040.\(suffix)")
        try self.expectWhole(fixture.open(recoveryPoint: Self.end, isClean: true))
    }

    @Test("a metadata log of Kafka is opened with its snapshots and the quorum's state")
    func metadata() throws {
        let folder = try TemporaryFolder()
        try folder.copy(fixture: "kafka-4.3.1-metadata", as: MetadataLog.folderName)
        let directory = try LogDirectory(
            path: folder.path, cache: OpenFileCache(fileSystem: PosixFileSystem(), capacity: 4))
        let log = try MetadataLog.open(in: directory, configuration: LogConfiguration(), now: 0, seed: 0)
        #expect(log.log.logStartOffset == 0)
        #expect(log.log.logEndOffset == 910)
        #expect(log.log.epochs.entries == [.init(epoch: 1, startOffset: 0), .init(epoch: 2, startOffset: 671)])
        #expect(try log.log.everything().last == BatchSummary(base: 909, last: 909, epoch: 2))
        #expect(log.snapshots == [SnapshotID(offset: 856, epoch: 2), SnapshotID(offset: 909, epoch: 2)])
        #expect(try log.quorumState() == QuorumState(leaderID: 0, leaderEpoch: 2, votedID: -1, voters: [0]))
        let state = try directory.fileSystem.contents(of: "\(log.folder)/quorum-state", maxBytes: 1000)
        try log.write(QuorumState(leaderID: 0, leaderEpoch: 2, votedID: -1, voters: [0]))
        #expect(try directory.fileSystem.contents(of: "\(log.folder)/quorum-state", maxBytes: 1000) == state)
        let region = try #require(try log.region(of: SnapshotID(offset: 856, epoch: 2), position: 0, maxBytes: 10_000))
        let bytes = try #require(region.owner as? OpenFile).readSlice(at: region.offset, count: region.count)
        var copy = try log.beginSnapshot(SnapshotID(offset: 900, epoch: 2))
        try copy.append(bytes)
        try copy.finish()
    }

    @Test("a compaction that was interrupted after its segments were whole is ended, and else undone")
    func interruptedCompaction() throws {
        let folder = try TemporaryFolder()
        let fixture = try self.fixture("kafka-4.3.1-clean", in: folder)
        let base = "\(fixture.folder)/00000000000000000040"
        for suffix in ["log", "index", "timeindex", "txnindex"] {
            try fixture.fileSystem.rename("\(base).\(suffix)", to: "\(base).\(suffix).swap")
        }
        // The segment it replaces, of which a part is already gone.
        _ = try fixture.fileSystem.open("\(fixture.folder)/00000000000000000090.log", .createNew)
        let log = try fixture.open(recoveryPoint: Self.end, isClean: true)
        try self.expectWhole(log)
        try log.close()
        try fixture.fileSystem.open("\(base).log.swap", .createNew).write([1, 2, 3], at: 0)
        try fixture.fileSystem.open("\(base).log.cleaned", .createNew).write([1, 2, 3], at: 0)
        try self.expectWhole(fixture.open(recoveryPoint: Self.end, isClean: true))
        #expect(try fixture.fileNames.allSatisfy { !$0.hasSuffix(".swap") && !$0.hasSuffix(".cleaned") })
    }

    @Test(
        "Kafka's tool reads every file that we write without a complaint",
        .enabled(if: KafkaTools.path != nil, "\(KafkaTools.absence)"))
    func dumpLog() throws {
        let folder = try TemporaryFolder()
        var fixture = try LogFixture(PosixFileSystem(), folder: "\(folder.path)/orders-0")
        fixture.configuration.segmentBytes = 6000
        let log = try fixture.open()
        for round in 0..<60 as Range<Int32> {
            let timestamp = Timestamp(1_700_000_000_000 + Int64(round % 7) * 1000 + Int64(round))
            let batch = BatchMaker.batch(
                count: Int(round % 5) + 1, valueSize: 60, timestamp: timestamp,
                producerID: ProducerID(Int64(round % 2)), producerEpoch: 0, baseSequence: 0, isTransactional: true)
            let marker = BatchMaker.marker(
                commit: round % 3 == 0, producerID: ProducerID(Int64(round % 2)), producerEpoch: 0,
                timestamp: timestamp)
            _ = try log.appendAsLeader([batch], leaderEpoch: LeaderEpoch(round / 20), origin: .coordinator, now: 0)
            _ = try log.appendAsLeader([marker], leaderEpoch: LeaderEpoch(round / 20), origin: .coordinator, now: 0)
        }
        try log.close()
        let names = try fixture.fileNames.filter { SegmentFileName.parse($0) != nil }
        #expect(Set(names.compactMap { SegmentFileName.parse($0)?.kind }) == Set(SegmentFileName.Kind.allCases))
        let output = try KafkaTools.run([
            "dump-log", "--deep-iteration", "--files",
            names.map { "\(fixture.folder)/\($0)" }.joined(separator: ","),
        ])
        for complaint in [
            "Mismatch", "mismatch", "out of order", "Exception", "isvalid: false", "not found", "corrupt",
        ] {
            #expect(output.contains(complaint) == false, "\(complaint) in:\n\(output.suffix(2000))")
        }
        // With every segment but the first, the tool wonders about the record before.
        let gaps = output.split(separator: "\n").filter { $0.contains(" is followed by ") && !$0.hasPrefix("  -1 ") }
        #expect(gaps == [])
        #expect(output.hasSuffix("exit 0"), "\(output.suffix(500))")
        #expect(output.contains("lastOffset: \(log.logEndOffset - 1) "))
        for name in names { #expect(output.contains("Dumping \(fixture.folder)/\(name)")) }
    }
}
