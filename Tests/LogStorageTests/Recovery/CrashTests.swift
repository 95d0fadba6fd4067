import ApusCore
import FileSystem
import KafkaPrimitives
import LogStorage
import SimulatedStorage
import Testing

/// Runs a history of a log, ends it at every operation on the disk in turn, and looks at what the recovery finds.
@Suite("A log after a crash")
struct CrashTests {
    enum Ending: Hashable, CaseIterable, Sendable {
        case kill, powerLoss
    }

    /// What a history did until it ended.
    private struct Record {
        /// What the log held at its longest, before each truncation and at the end.
        var versions: [[BatchSummary]] = [[]]
        /// What had been made durable and was not truncated since.
        var durable: [BatchSummary] = []
        /// What had been appended, for an ending that loses nothing.
        var appended: [BatchSummary] { self.versions[self.versions.count - 1] }

        mutating func append(_ batch: BatchSummary) {
            self.versions[self.versions.count - 1].append(batch)
        }

        mutating func truncate(to offset: Offset) {
            self.versions.append(self.appended.filter { $0.last < offset })
            self.durable.removeAll { $0.last >= offset }
        }
    }

    private static let partition = TopicPartition(topic: "t", partition: 0)

    private static func configuration() -> LogConfiguration {
        var configuration = LogConfiguration()
        configuration.segmentBytes = 700
        configuration.indexIntervalBytes = 100
        return configuration
    }

    private static func directory(_ fileSystem: SimulatedFileSystem) throws -> LogDirectory {
        try LogDirectory(path: "/data", cache: OpenFileCache(fileSystem: fileSystem, capacity: 4))
    }

    private static func open(_ directory: LogDirectory) throws -> PartitionLog {
        let folder = PartitionFolder(self.partition)
        let mark = try directory.cleanShutdownMark()
        try directory.removeCleanShutdownMark()
        try directory.createFolder(folder, topicID: TopicID(KafkaUUID(high: 1, low: 1)))
        return try directory.openLog(
            folder, configuration: self.configuration(),
            recoveryPoint: directory.offsets(.recoveryPoint)[self.partition] ?? 0,
            logStartOffset: directory.offsets(.logStart)[self.partition] ?? 0, isClean: mark != nil, seed: 0, now: 0)
    }

    /// Appends, rolls, flushes, checkpoints, truncates and shuts down; throws where the disk ends it.
    private static func history(
        _ fileSystem: SimulatedFileSystem, random: inout SeededRandom, record: inout Record
    ) throws {
        let directory = try self.directory(fileSystem)
        var log = try self.open(directory)
        var epoch: LeaderEpoch = 0
        for _ in 0..<40 {
            switch Int.random(in: 0..<20, using: &random) {
            case 0..<11:
                let count = Int.random(in: 1...4, using: &random)
                let end = log.logEndOffset
                // What the call does before it fails may be found, too.
                record.append(BatchSummary(base: end, last: end + Int64(count - 1), epoch: epoch))
                try log.append(count, valueSize: Int.random(in: 0...120, using: &random), epoch: epoch)
            case 11..<15:
                let flushed = record.appended
                try log.flush()
                record.durable = flushed
            case 15..<17:
                try directory.write([self.partition: log.recoveryPoint], .recoveryPoint)
            case 17:
                let offset = log.logEndOffset.rawValue / 2 + Int64.random(in: 0...3, using: &random)
                let bases = record.appended.map(\.base).filter { $0 >= Offset(offset) }
                guard let target = bases.first else { continue }
                // As a new leader would have it: its records are of a later epoch.
                epoch += 1
                record.truncate(to: target)
                _ = try log.truncate(to: target)
            case 18:
                epoch += 1
                try log.assignEpochAtEnd(epoch)
            default:
                let flushed = record.appended
                try log.close()
                record.durable = flushed
                try directory.write([self.partition: log.recoveryPoint], .recoveryPoint)
                try directory.write(CleanShutdownMark(brokerEpoch: 1))
                log = try self.open(directory)
                #expect(try log.everything() == flushed)
            }
        }
    }

    private static func isPrefix(_ front: [BatchSummary], of whole: [BatchSummary]) -> Bool {
        front.count <= whole.count && Array(whole.prefix(front.count)) == front
    }

    @Test(
        "what was flushed is there, the rest is a front part, and the log can go on", arguments: Ending.allCases,
        0..<4 as Range<UInt64>)
    func everyOperation(ending: Ending, seed: UInt64) throws {
        var operations = 0
        while true {
            let fileSystem = SimulatedFileSystem()
            fileSystem.crash(afterOperations: operations)
            var random = SeededRandom(seed: seed)
            var record = Record()
            do {
                try Self.history(fileSystem, random: &random, record: &record)
            } catch {
                #expect(fileSystem.isCrashed, "seed \(seed), operation \(operations): \(error)")
            }
            let isCrashed = fileSystem.isCrashed
            switch ending {
            case .kill: fileSystem.restartAfterKill()
            case .powerLoss: fileSystem.restartAfterPowerLoss(seed: seed &* 7919 &+ UInt64(operations))
            }
            try Self.check(fileSystem, record, ending, "\(ending), seed \(seed), operation \(operations)")
            guard isCrashed else { break }
            operations += 1
        }
        #expect(operations > 50, "the history of seed \(seed) is too short to be worth a test")
    }

    private static func check(
        _ fileSystem: SimulatedFileSystem, _ record: Record, _ ending: Ending, _ comment: Comment
    ) throws {
        let directory = try self.directory(fileSystem)
        let log = try self.open(directory)
        let found = try log.everything()
        #expect(self.isPrefix(record.durable, of: found), comment)
        #expect(record.versions.contains { self.isPrefix(found, of: $0) }, comment)
        #expect(log.logEndOffset == (found.last?.last ?? -1) + 1, comment)
        if ending == .kill {
            // The last append alone may be missing; of a truncation, whole segments may have gone.
            #expect(found.count >= record.appended.count - 1, comment)
        }
        for (entry, next) in zip(log.epochs.entries, log.epochs.entries.dropFirst()) {
            #expect(
                found.filter { $0.base >= entry.startOffset && $0.base < next.startOffset }
                    .allSatisfy { $0.epoch == entry.epoch }, comment)
        }
        let epoch = (found.last?.epoch ?? 0) + 1
        let end = log.logEndOffset
        try log.append(2, epoch: epoch)
        try log.close()
        try directory.write([self.partition: log.recoveryPoint], .recoveryPoint)
        try directory.write(CleanShutdownMark(brokerEpoch: 1))
        fileSystem.restartAfterPowerLoss(seed: 1)
        let again = try self.open(self.directory(fileSystem))
        #expect(
            try again.everything() == found + [BatchSummary(base: end, last: end + 1, epoch: epoch)], comment)
        #expect(again.epochs.latest == epoch, comment)
    }

    @Test("a checkpoint is the old or the new one after every crash", arguments: 0..<20 as Range<UInt64>)
    func checkpoint(seed: UInt64) throws {
        for operations in 0..<20 {
            let fileSystem = SimulatedFileSystem()
            try Self.directory(fileSystem).write([Self.partition: 1], .highWatermark)
            fileSystem.crash(afterOperations: operations)
            var isDone = false
            do {
                try Self.directory(fileSystem).write([Self.partition: 2], .highWatermark)
                isDone = true
            } catch {
                #expect(fileSystem.isCrashed)
            }
            fileSystem.restartAfterPowerLoss(seed: seed)
            let found = try Self.directory(fileSystem).offsets(.highWatermark)[Self.partition]
            #expect(found == 2 || !isDone && found == 1, "seed \(seed), operation \(operations)")
        }
    }

    @Test("a full disk fails an append, and the log goes on from the last whole batch once it is opened anew")
    func fullDisk() throws {
        let fileSystem = SimulatedFileSystem()
        let fixture = try LogFixture(fileSystem)
        let log = try fixture.open()
        try log.append(3)
        let used = try fileSystem.volume(of: "/")
        fileSystem.limit(bytes: used.total - used.usable + 50)
        #expect(throws: LogError(.storage, "")) { try log.append(3) }
        #expect(log.logEndOffset == 3)
        fileSystem.limit(bytes: nil)
        #expect(throws: LogError(.unavailable, "")) { try log.append(1) }
        #expect(try log.everything() == [BatchSummary(base: 0, last: 2, epoch: 0)])
        let again = try fixture.open()
        try again.append(1)
        #expect(
            try again.everything() == [
                BatchSummary(base: 0, last: 2, epoch: 0), BatchSummary(base: 3, last: 3, epoch: 0),
            ])
    }

    @Test("a failed flush does not advance the recovery point, and ends the log")
    func failedFlush() throws {
        let fileSystem = SimulatedFileSystem()
        let log = try LogFixture(fileSystem).open()
        try log.append(3)
        fileSystem.fail(.synchronize, errno: 5)
        #expect(throws: LogError(.storage, "")) { try log.flush() }
        #expect(log.recoveryPoint == 0)
        #expect(log.isFailed)
    }

    @Test("a gap stays where compaction may have left it, and is else the work of a disk that wrote to the wrong place")
    func gaps() throws {
        var fixture = try LogFixture(SimulatedFileSystem())
        let log = try fixture.open()
        try log.append(1)
        _ = try log.appendAsFollower(ByteSlice(BatchMaker.bytes(BatchMaker.batch(), at: 5, epoch: 0)), now: 0)
        let stored = try log.everything()
        #expect(stored.map(\.base) == [0, 5])
        fixture.configuration.cleanupPolicy = .compact
        #expect(try fixture.open().everything() == stored)
        fixture.configuration.cleanupPolicy = .delete
        #expect(try fixture.open(recoveryPoint: 6).everything() == stored)
        #expect(try fixture.open().everything() == [stored[0]])
    }

    @Test("a flush that a truncation overtakes counts for nothing")
    func overtakenFlush() throws {
        let log = try LogFixture(SimulatedFileSystem()).open()
        for _ in 0..<4 { try log.append(1) }
        let ticket = try #require(try log.prepareFlush())
        _ = try log.truncate(to: 2)
        try log.append(5, epoch: 1)
        try ticket.perform()
        log.completeFlush(ticket)
        #expect(log.recoveryPoint == 0)
        try log.flush()
        #expect(log.recoveryPoint == 7)
    }

    @Test("a flush goes on where segments were deleted meanwhile")
    func deletedMeanwhile() throws {
        var fixture = try LogFixture(SimulatedFileSystem())
        fixture.configuration.segmentBytes = 300
        fixture.configuration.fileDeleteDelay = .zero
        let log = try fixture.open()
        for _ in 0..<9 { try log.append(1) }
        let ticket = try #require(try log.prepareFlush())
        try log.deleteSegments(2, now: 0)
        try #require(log.takeRemovableFiles(now: Instant(nanoseconds: 0))).perform()
        try ticket.perform()
        log.completeFlush(ticket)
        #expect(log.recoveryPoint == 9)
    }

    @Test("a byte that has changed on the disk ends the log there, in the segments that are not known to be good")
    func corruption() throws {
        let fileSystem = SimulatedFileSystem()
        var fixture = try LogFixture(fileSystem)
        fixture.configuration.segmentBytes = 300
        let log = try fixture.open()
        for _ in 0..<9 { try log.append(1) }
        #expect(log.segmentBaseOffsets == [0, 3, 6])
        try log.flush()
        fileSystem.corrupt("/data/topic-0/00000000000000000003.log", at: 150)
        let found = try fixture.open()
        #expect(try found.everything().map(\.base) == [0, 1, 2, 3])
        #expect(found.segmentBaseOffsets == [0, 3])
    }
}
