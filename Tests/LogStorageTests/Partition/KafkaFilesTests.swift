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
