import ApusCore
import FileSystem
import KafkaPrimitives
import KafkaRecords
import LogStorage
import SimulatedStorage
import Testing

@Suite("A partition's log")
struct PartitionLogTests {
    @Test("an empty folder becomes an empty log")
    func empty() throws {
        let log = try LogFixture(SimulatedFileSystem()).open()
        #expect(log.logStartOffset == 0)
        #expect(log.logEndOffset == 0)
        #expect(try log.read(from: 0, maxBytes: 100, minOneBatch: true, endOffset: 0).region == nil)
    }

    @Test("a leader's batches get offsets and the epoch, and can be read")
    func appendAndRead() throws {
        let log = try LogFixture(SimulatedFileSystem()).open()
        let result = try log.appendAsLeader(
            [BatchMaker.batch(count: 3), BatchMaker.batch(count: 2)], leaderEpoch: 7, now: 0)
        #expect(
            result
                == AppendResult(
                    outcomes: [.appended(baseOffset: 0, lastOffset: 2), .appended(baseOffset: 3, lastOffset: 4)],
                    previousEndOffset: 0, logEndOffset: 5, rolled: false))
        #expect(
            try log.everything() == [
                BatchSummary(base: 0, last: 2, epoch: 7), BatchSummary(base: 3, last: 4, epoch: 7),
            ])
        #expect(log.epochs.entries == [.init(epoch: 7, startOffset: 0)])
    }

    @Test("a read from within a batch begins at the batch, and ends before the batch of the end offset")
    func readWithinBatch() throws {
        let log = try LogFixture(SimulatedFileSystem()).open()
        for _ in 0..<3 { try log.append(10) }
        #expect(try log.headers(from: 15).map(\.baseOffset) == [10, 20])
        #expect(try log.headers(from: 5, endOffset: 20).map(\.baseOffset) == [0, 10])
        #expect(try log.headers(from: 5, endOffset: 10).map(\.baseOffset) == [0])
        #expect(try log.read(from: 5, maxBytes: 1000, minOneBatch: true, endOffset: 9).region == nil)
        #expect(try log.read(from: 30, maxBytes: 1000, minOneBatch: true, endOffset: 30).region == nil)
    }

    @Test("the first batch comes whole where one is asked for, and cut where not")
    func firstBatch() throws {
        let log = try LogFixture(SimulatedFileSystem()).open()
        try log.append(10)
        try log.append(10)
        let whole = try log.read(from: 0, maxBytes: 1, minOneBatch: true, endOffset: 20)
        #expect(whole.isFirstBatchIncomplete == false)
        #expect(try RecordBatchSequence(#require(try whole.bytes)).map(\.header.baseOffset) == [0])
        let cut = try log.read(from: 0, maxBytes: 10, minOneBatch: false, endOffset: 20)
        #expect(cut.isFirstBatchIncomplete)
        #expect(cut.region?.count == 10)
    }

    @Test("an offset outside of the log is refused", arguments: [-1, 4] as [Offset])
    func outOfRange(offset: Offset) throws {
        let log = try LogFixture(SimulatedFileSystem()).open()
        try log.append(3)
        #expect(throws: LogError(.offsetOutOfRange, "")) {
            try log.read(from: offset, maxBytes: 10, minOneBatch: true, endOffset: 3)
        }
    }

    @Test("a follower's log is the leader's, byte for byte, over rolled segments")
    func follower() throws {
        let fileSystem = SimulatedFileSystem()
        var fixture = try LogFixture(fileSystem)
        fixture.configuration.segmentBytes = 1000
        let leader = try fixture.open()
        for index in 0..<20 { try leader.append(index % 4 + 1, epoch: LeaderEpoch(Int32(index / 8))) }
        var other = try LogFixture(fileSystem, folder: "/data/topic-1")
        other.configuration = fixture.configuration
        let follower = try other.open()
        while follower.logEndOffset < leader.logEndOffset {
            let read = try leader.read(
                from: follower.logEndOffset, maxBytes: 700, minOneBatch: true, endOffset: leader.logEndOffset)
            _ = try follower.appendAsFollower(try #require(try read.bytes), now: 0)
        }
        #expect(try follower.everything() == leader.everything())
        #expect(follower.epochs == leader.epochs)
        #expect(leader.segmentCount > 2)
        for offset in 0..<leader.logEndOffset.rawValue {
            let batch = try #require(try follower.headers(from: Offset(offset)).first)
            #expect(batch.baseOffset <= Offset(offset) && Offset(offset) <= batch.lastOffset)
        }
    }

    @Test("a follower refuses batches that do not ascend from its end, and damaged ones")
    func followerRefuses() throws {
        let log = try LogFixture(SimulatedFileSystem()).open()
        let batch = BatchMaker.batch(count: 2)
        _ = try log.appendAsFollower(ByteSlice(BatchMaker.bytes(batch, at: 0, epoch: 0)), now: 0)
        #expect(throws: LogError(.offsetsOutOfOrder, "")) {
            try log.appendAsFollower(ByteSlice(BatchMaker.bytes(batch, at: 1, epoch: 0)), now: 0)
        }
        var damaged = BatchMaker.bytes(batch, at: 2, epoch: 0)
        damaged[damaged.count - 1] ^= 1
        #expect(throws: LogError(.corruptBatch, "")) { try log.appendAsFollower(ByteSlice(damaged), now: 0) }
        #expect(log.logEndOffset == 2)
        let cut = BatchMaker.bytes(batch, at: 2, epoch: 0).dropLast(3)
        _ = try log.appendAsFollower(ByteSlice(Array(cut)), now: 0)
        #expect(log.logEndOffset == 2)
    }

    @Test("truncation removes the batch that holds the offset, and everything after it")
    func truncation() throws {
        var fixture = try LogFixture(SimulatedFileSystem())
        fixture.configuration.segmentBytes = 1000
        let log = try fixture.open()
        for index in 0..<20 { try log.append(10, epoch: LeaderEpoch(Int32(index / 5))) }
        #expect(try log.truncate(to: 300) == false)
        #expect(try log.truncate(to: 65))
        #expect(log.logEndOffset == 60)
        #expect(try log.everything().map(\.base) == [0, 10, 20, 30, 40, 50])
        #expect(log.epochs.latest == 1)
        try log.append(1, epoch: 9)
        #expect(try log.everything().last == BatchSummary(base: 60, last: 60, epoch: 9))
        #expect(log.epochs.entries.last == .init(epoch: 9, startOffset: 60))
        try log.close()
        #expect(try fixture.open(isClean: true).everything().map(\.base) == [0, 10, 20, 30, 40, 50, 60])
    }

    @Test("truncation at the log's end removes the epoch that began there without a record")
    func truncationOfAnEmptyEpoch() throws {
        let fixture = try LogFixture(SimulatedFileSystem())
        let log = try fixture.open()
        try log.append(10, epoch: 1)
        try log.assignEpochAtEnd(3)
        #expect(log.epochs.latest == 3)
        #expect(try log.truncate(to: 10) == false)
        #expect(log.epochs.entries == [.init(epoch: 1, startOffset: 0)])
        try log.close()
        #expect(try fixture.open(isClean: true).epochs.entries == [.init(epoch: 1, startOffset: 0)])
    }

    @Test("a log that begins anew holds nothing below its new start")
    func truncateFully() throws {
        let log = try LogFixture(SimulatedFileSystem()).open()
        for _ in 0..<5 { try log.append(10) }
        try log.truncateFully(startingAt: 1000)
        #expect(log.logStartOffset == 1000)
        #expect(log.logEndOffset == 1000)
        try log.append(2)
        #expect(try log.everything() == [BatchSummary(base: 1000, last: 1001, epoch: 0)])
    }

    @Test("a log is the same after a clean shutdown and after a kill", arguments: [true, false])
    func reopen(isClean: Bool) throws {
        var fixture = try LogFixture(SimulatedFileSystem())
        fixture.configuration.segmentBytes = 2000
        let log = try fixture.open()
        for index in 0..<40 { try log.append(index % 7 + 1, epoch: LeaderEpoch(Int32(index / 9))) }
        let before = try log.everything()
        if isClean { try log.close() }
        let again = try fixture.open(recoveryPoint: isClean ? log.logEndOffset : 30, isClean: isClean)
        #expect(try again.everything() == before)
        #expect(again.logEndOffset == log.logEndOffset)
        #expect(again.epochs == log.epochs)
        #expect(again.segmentBaseOffsets == log.segmentBaseOffsets)
        try again.append(1)
        #expect(again.logEndOffset == log.logEndOffset + 1)
    }

    @Test("a read at the end of the log needs no file, and one elsewhere can be done after the log has changed")
    func plannedReads() throws {
        var fixture = try LogFixture(SimulatedFileSystem())
        fixture.configuration.segmentBytes = 300
        let log = try fixture.open()
        for _ in 0..<12 { try log.append() }
        #expect(log.segmentBaseOffsets == [0, 3, 6, 9])
        guard case .ready(let tail) = try log.planRead(from: 10, maxBytes: 999, minOneBatch: true, endOffset: 12) else {
            Issue.record("the newest batches are known")
            return
        }
        #expect(tail.position == LogPosition(offset: 10, segmentBaseOffset: 9, positionInSegment: 88))
        #expect(tail.region?.count == 176)
        guard case .deferred(let old) = try log.planRead(from: 4, maxBytes: 999, minOneBatch: true, endOffset: 5) else {
            Issue.record("the batches of a closed segment are not kept in memory")
            return
        }
        try log.deleteSegments(2, now: 0)
        let read = try old.perform()
        #expect(read.position == LogPosition(offset: 4, segmentBaseOffset: 3, positionInSegment: 88))
        #expect(try RecordBatchSequence(#require(try read.bytes)).map(\.header.baseOffset) == [4])
    }

    @Test("an index that outgrows the memory given to it finds everything, also after a truncation and a restart")
    func longIndex() throws {
        let folder = try TemporaryFolder()
        var fixture = try LogFixture(PosixFileSystem(), folder: "\(folder.path)/topic-0")
        fixture.configuration.indexIntervalBytes = 1
        var log = try fixture.open()
        for index in 0..<5000 { try log.append(1, valueSize: 1, timestamp: Timestamp(Int64(index))) }
        func check(_ end: Int64) throws {
            #expect(log.logEndOffset == Offset(end))
            for offset in stride(from: Int64(0), to: end, by: 37) {
                let read = try log.read(from: Offset(offset), maxBytes: 1, minOneBatch: true, endOffset: Offset(end))
                #expect(read.baseOffset == Offset(offset))
                #expect(read.position.positionInSegment == Int(offset) * (read.region?.count ?? 0))
                #expect(try log.batch(notOlderThan: Timestamp(offset))?.maxTimestamp == Timestamp(offset))
            }
        }
        try check(5000)
        for target in [4990, 3100, 1000] as [Int64] {
            _ = try log.truncate(to: Offset(target))
            for index in target..<target + 5 { try log.append(1, valueSize: 1, timestamp: Timestamp(index)) }
            try check(target + 5)
        }
        try log.close()
        log = try fixture.open(recoveryPoint: 1005, isClean: true)
        for index in 1005..<4000 { try log.append(1, valueSize: 1, timestamp: Timestamp(Int64(index))) }
        try check(4000)
    }

    @Test("a log that was closed before its index had an entry goes on after a restart")
    func emptyIndex() throws {
        let folder = try TemporaryFolder()
        let fixture = try LogFixture(PosixFileSystem(), folder: "\(folder.path)/topic-0")
        var log = try fixture.open()
        try log.append()
        try log.close()
        log = try fixture.open(recoveryPoint: 1, isClean: true)
        for _ in 0..<500 { try log.append() }
        try log.close()
        log = try fixture.open(recoveryPoint: 501, isClean: true)
        #expect(try log.everything().map(\.base) == (0..<501).map { Offset(Int64($0)) })
    }
}
