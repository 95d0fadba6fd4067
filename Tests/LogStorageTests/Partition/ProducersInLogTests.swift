import ApusCore
import FileSystem
import KafkaPrimitives
import KafkaRecords
import LogStorage
import SimulatedStorage
import Testing

@Suite("The producers of a log")
struct ProducersInLogTests {
    private func batch(
        _ sequence: Int32, count: Int = 1, epoch: ProducerEpoch = 0, producer: ProducerID = 7,
        transactional: Bool = false
    ) -> LeaderBatch {
        BatchMaker.batch(
            count: count, producerID: producer, producerEpoch: epoch, baseSequence: SequenceNumber(sequence),
            isTransactional: transactional)
    }

    private func append(_ batch: LeaderBatch, to log: PartitionLog) throws -> AppendOutcome {
        let origin: AppendOrigin = batch.header.isControl ? .coordinator : .client
        return try #require(try log.appendAsLeader([batch], leaderEpoch: 0, origin: origin, now: 0).outcomes.first)
    }

    @Test("a retry is recognised, a gap and an old epoch are refused, and nothing of them is written")
    func idempotence() throws {
        let log = try LogFixture(SimulatedFileSystem()).open()
        #expect(try self.append(self.batch(0, count: 3), to: log) == .appended(baseOffset: 0, lastOffset: 2))
        #expect(
            try self.append(self.batch(0, count: 3), to: log)
                == .duplicate(baseOffset: 0, lastOffset: 2, timestamp: 1_700_000_000_002))
        #expect(try self.append(self.batch(4), to: log) == .refused(.outOfOrderSequenceNumber))
        #expect(try self.append(self.batch(0, epoch: 1), to: log) == .appended(baseOffset: 3, lastOffset: 3))
        #expect(try self.append(self.batch(3), to: log) == .refused(.invalidProducerEpoch))
        #expect(log.logEndOffset == 4)
        let result = try log.appendAsLeader(
            [self.batch(1, epoch: 1), self.batch(1, epoch: 1), self.batch(2, epoch: 1)], leaderEpoch: 0, now: 0)
        #expect(
            result.outcomes == [
                .appended(baseOffset: 4, lastOffset: 4),
                .duplicate(baseOffset: 4, lastOffset: 4, timestamp: 1_700_000_000_000),
                .appended(baseOffset: 5, lastOffset: 5),
            ])
        #expect(try log.everything().map(\.base) == [0, 3, 4, 5])
    }

    @Test("the last stable offset stays at an undecided transaction, and at one whose marker is not replicated")
    func lastStable() throws {
        let log = try LogFixture(SimulatedFileSystem()).open()
        try log.append(2)
        _ = try self.append(self.batch(0, count: 3, transactional: true), to: log)
        try log.append(1)
        #expect(log.lastStableOffset(highWatermark: 6) == 2)
        #expect(log.lastStableOffset(highWatermark: 1) == 1)
        _ = try self.append(BatchMaker.marker(commit: false, producerID: 7, producerEpoch: 0), to: log)
        #expect(log.lastStableOffset(highWatermark: 6) == 2)
        log.highWatermarkAdvanced(to: 7)
        #expect(log.lastStableOffset(highWatermark: 7) == 7)
        let aborted = AbortedTransaction(producerID: 7, firstOffset: 2, lastOffset: 6, lastStableOffset: 7)
        #expect(log.abortedTransactions(from: 0, to: 7) == [aborted])
        #expect(log.abortedTransactions(from: 0, to: 2) == [])
        let read = try log.read(from: 3, maxBytes: .max, minOneBatch: true, endOffset: 7)
        #expect(try log.abortedTransactions(in: read) == [aborted])
    }

    @Test("states and aborted transactions are the same after a kill, a clean shutdown, and on a follower")
    func survive() throws {
        let fileSystem = SimulatedFileSystem()
        var fixture = try LogFixture(fileSystem)
        fixture.configuration.segmentBytes = 600
        let log = try fixture.open()
        var other = try LogFixture(fileSystem, folder: "/data/topic-1")
        other.configuration = fixture.configuration
        let follower = try other.open()
        for round in 0..<12 as Range<Int32> {
            let producer = ProducerID(Int64(round % 3))
            _ = try self.append(self.batch(round / 3 * 2, count: 2, producer: producer, transactional: true), to: log)
            if round % 4 != 3 {
                _ = try self.append(
                    BatchMaker.marker(commit: round % 2 == 0, producerID: producer, producerEpoch: 0), to: log)
            }
        }
        while follower.logEndOffset < log.logEndOffset {
            let read = try log.read(
                from: follower.logEndOffset, maxBytes: 400, minOneBatch: true, endOffset: log.logEndOffset)
            _ = try follower.appendAsFollower(try #require(try read.bytes), now: 0)
        }
        let aborted = log.abortedTransactions(from: 0, to: log.logEndOffset)
        #expect(aborted.count == 3)
        #expect(follower.producerStates == log.producerStates)
        #expect(follower.abortedTransactions(from: 0, to: log.logEndOffset) == aborted)
        #expect(log.segmentCount > 3)
        for recoveryPoint in [0, 9, log.logEndOffset] as [Offset] {
            let killed = try other.open(recoveryPoint: recoveryPoint)
            self.expectEqual(killed.producerStates, log.producerStates)
            #expect(killed.abortedTransactions(from: 0, to: log.logEndOffset) == aborted)
        }
        try log.close()
        let again = try fixture.open(recoveryPoint: log.logEndOffset, isClean: true)
        self.expectEqual(again.producerStates, log.producerStates)
        #expect(again.abortedTransactions(from: 0, to: log.logEndOffset) == aborted)
        #expect(try fixture.fileNames.contains("\(SegmentFileName.name(log.logEndOffset, .producerSnapshot))"))
    }

    /// Snapshots keep the newest batch of each producer only.
    private func expectEqual(_ found: ProducerStateTable, _ expected: ProducerStateTable) {
        #expect(found.endOffset == expected.endOffset)
        #expect(found.firstUndecidedOffset == expected.firstUndecidedOffset)
        #expect(found.entries.map(\.id) == expected.entries.map(\.id))
        #expect(found.entries.map(\.entry.lastSequence) == expected.entries.map(\.entry.lastSequence))
        #expect(
            found.entries.map(\.entry.transactionFirstOffset) == expected.entries.map(\.entry.transactionFirstOffset))
    }

    @Test("a truncation takes back what the removed batches had said of producers")
    func truncation() throws {
        var fixture = try LogFixture(SimulatedFileSystem())
        fixture.configuration.segmentBytes = 300
        let log = try fixture.open()
        for sequence in 0..<10 as Range<Int32> { _ = try self.append(self.batch(sequence), to: log) }
        let names = try fixture.fileNames.filter { $0.hasSuffix(".snapshot") }
        #expect(names.count == 3)
        _ = try log.truncate(to: 4)
        #expect(log.producerStates[7]?.lastSequence == 3)
        #expect(try fixture.fileNames.filter { $0.hasSuffix(".snapshot") } == [names[0]])
        #expect(try self.append(self.batch(4), to: log) == .appended(baseOffset: 4, lastOffset: 4))
        try log.truncateFully(startingAt: 100)
        #expect(log.producerStates.isEmpty)
        #expect(try fixture.fileNames.contains { $0.hasSuffix(".snapshot") } == false)
    }

    @Test("a damaged snapshot is replaced by an older one and the log")
    func damagedSnapshot() throws {
        let fileSystem = SimulatedFileSystem()
        var fixture = try LogFixture(fileSystem)
        fixture.configuration.segmentBytes = 300
        let log = try fixture.open()
        for sequence in 0..<10 as Range<Int32> { _ = try self.append(self.batch(sequence), to: log) }
        try log.close()
        fileSystem.corrupt("/data/topic-0/\(SegmentFileName.name(10, .producerSnapshot))", at: 12)
        #expect(try fixture.open(recoveryPoint: 10, isClean: true).producerStates[7]?.lastSequence == 9)
    }
}
