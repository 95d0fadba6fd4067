import ApusCore
import FileSystem
import KafkaPrimitives
import KafkaRecords
import LogStorage
import SimulatedStorage
import Testing

@Suite("Retention, rolling and offsets by time")
struct RetentionTests {
    private func fixture(_ change: (inout LogConfiguration) -> Void) throws -> LogFixture {
        var fixture = try LogFixture(SimulatedFileSystem())
        change(&fixture.configuration)
        return fixture
    }

    @Test("a segment is rolled before it would exceed its size")
    func rollBySize() throws {
        let log = try self.fixture { $0.segmentBytes = 300 }.open()
        for index in 0..<6 { #expect(try log.append().rolled == (index == 3)) }
        #expect(log.segmentBaseOffsets == [0, 3])
    }

    @Test("a segment is rolled when a record is too much younger than its first")
    func rollByTime() throws {
        let log = try self.fixture { $0.segmentMilliseconds = 1000 }.open()
        try log.append(1, timestamp: 10_000)
        try log.append(1, timestamp: 11_000)
        try log.append(1, timestamp: 11_001)
        #expect(log.segmentBaseOffsets == [0, 2])
        #expect(try log.rollIfAged(now: 12_001) == false)
        #expect(try log.rollIfAged(now: 12_002))
        #expect(try log.rollIfAged(now: 99_999) == false)
        #expect(log.segmentBaseOffsets == [0, 2, 3])
    }

    @Test("a segment is rolled when its index is full")
    func rollByIndex() throws {
        let log = try self.fixture {
            $0.segmentIndexBytes = 24
            $0.indexIntervalBytes = 1
        }.open()
        for _ in 0..<8 { try log.append() }
        #expect(log.segmentCount > 2)
        #expect(try log.everything().count == 8)
    }

    @Test("retention by size keeps at least the size, and by time what is young; never beyond the high watermark")
    func expired() throws {
        let log = try self.fixture {
            $0.segmentBytes = 300
            $0.retentionMilliseconds = -1
        }.open()
        for index in 0..<12 { try log.append(1, timestamp: Timestamp(Int64(index) * 1000)) }
        #expect(log.segmentBaseOffsets == [0, 3, 6, 9])
        #expect(log.expiredSegmentCount(now: 1_000_000, highWatermark: 12) == 0)
        log.configuration.retentionBytes = log.size / 2
        #expect(log.expiredSegmentCount(now: 0, highWatermark: 12) == 2)
        #expect(log.expiredSegmentCount(now: 0, highWatermark: 5) == 1)
        log.configuration.retentionBytes = -1
        log.configuration.retentionMilliseconds = 1000
        #expect(log.expiredSegmentCount(now: 6001, highWatermark: 12) == 2)
        #expect(log.expiredSegmentCount(now: 1_000_000, highWatermark: 12) == 4)
        log.configuration.cleanupPolicy = .compact
        #expect(log.expiredSegmentCount(now: 1_000_000, highWatermark: 12) == 0)
    }

    @Test("deleted segments leave the log at once, and the folder after the delay; what is being read stays readable")
    func delete() throws {
        let fixture = try self.fixture {
            $0.segmentBytes = 300
            $0.fileDeleteDelay = .seconds(60)
        }
        let log = try fixture.open()
        for _ in 0..<12 { try log.append() }
        let old = try log.read(from: 0, maxBytes: 1000, minOneBatch: true, endOffset: 12)
        try log.deleteSegments(2, now: 0)
        #expect(log.logStartOffset == 6)
        #expect(try log.everything().map(\.base) == [6, 7, 8, 9, 10, 11])
        #expect(throws: LogError(.offsetOutOfRange, "")) { try log.headers(from: 5) }
        let begin = Instant(nanoseconds: 0)
        #expect(log.takeRemovableFiles(now: begin) == nil)
        #expect(try fixture.fileNames.contains("00000000000000000000.log.deleted"))
        try #require(log.takeRemovableFiles(now: begin + .seconds(60))).perform()
        #expect(try fixture.fileNames.contains { $0.hasSuffix(".deleted") } == false)
        #expect(log.hasPendingDeletions == false)
        #expect(try old.bytes?.count == old.region?.count)
    }

    @Test("a log of which everything has expired goes on empty at its end")
    func deleteAll() throws {
        let log = try self.fixture { $0.segmentBytes = 300 }.open()
        for _ in 0..<4 { try log.append() }
        try log.deleteSegments(log.segmentCount, now: 0)
        #expect(log.logStartOffset == 4)
        #expect(log.logEndOffset == 4)
        try log.append()
        #expect(try log.everything().map(\.base) == [4])
    }

    @Test("records deleted on request are not read, and their segments expire")
    func deleteRecords() throws {
        let fixture = try self.fixture { $0.segmentBytes = 300 }
        let log = try fixture.open()
        for _ in 0..<7 { try log.append() }
        #expect(try log.advanceLogStart(to: 4))
        #expect(try log.advanceLogStart(to: 4) == false)
        #expect(throws: LogError(.offsetOutOfRange, "")) { try log.advanceLogStart(to: 8) }
        #expect(try log.headers(from: 4).first?.baseOffset == 4)
        #expect(log.expiredSegmentCount(now: 0, highWatermark: 7) == 1)
        #expect(try fixture.open(logStartOffset: 4).logStartOffset == 4)
    }

    @Test("the first batch that is young enough is found by time", arguments: [true, false])
    func byTime(reopened: Bool) throws {
        let fixture = try self.fixture { $0.segmentBytes = 300 }
        var log = try fixture.open()
        for index in 0..<10 { try log.append(1, timestamp: Timestamp(Int64(index) * 10)) }
        if reopened {
            try log.close()
            log = try fixture.open(recoveryPoint: 10, isClean: true)
        }
        for (timestamp, offset) in [(-5, 0), (0, 0), (1, 1), (30, 3), (55, 6), (90, 9)] as [(Int64, Int64)] {
            let found = try #require(try log.batch(notOlderThan: Timestamp(timestamp)))
            #expect(found.bytes.count == 88)
            #expect(found.maxTimestamp == Timestamp(offset * 10))
        }
        #expect(try log.batch(notOlderThan: 91) == nil)
        #expect(try log.newestBatch()?.maxTimestamp == 90)
        #expect(log.earliestOffset == TimestampedOffset(offset: 0, timestamp: .none, leaderEpoch: 0))
    }
}
