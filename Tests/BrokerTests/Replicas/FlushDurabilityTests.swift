import ApusCore
import Broker
import FileSystem
import KafkaPrimitives
import KafkaRecords
import LogStorage
import Replication
import SimulatedStorage
import Testing

@Suite("Durability before acknowledgement")
struct FlushDurabilityTests {
    private static let folder = "/data/t-0"
    private static let time: Timestamp = 1_700_000_000_000
    private let now = Instant(nanoseconds: 0)
    private let fileSystem = SimulatedFileSystem()

    private static var policy: TopicPolicy {
        var log = LogConfiguration()
        log.flushMessages = 1
        return TopicPolicy(
            log: log, replica: ReplicaPolicy(minInSyncReplicas: 1),
            validation: BatchValidator(rules: TopicRecordRules()))
    }

    private func open() throws -> PartitionLog {
        try PartitionLog.open(
            PartitionLog.Origin(
                folder: Self.folder, configuration: Self.policy.log, recoveryPoint: 0, logStartOffset: 0,
                isClean: false),
            cache: OpenFileCache(fileSystem: self.fileSystem, capacity: 8), now: Self.time)
    }

    /// The only in-sync replica of a partition whose topic has `flush.messages=1`.
    private func leader() throws -> Partition {
        try self.fileSystem.createDirectory("/data")
        try self.fileSystem.createDirectory(Self.folder)
        try self.fileSystem.synchronizeDirectory("/")
        try self.fileSystem.synchronizeDirectory("/data")
        let partition = Partition(
            id: TopicIDPartition(topicID: TopicID(KafkaUUID(high: 1, low: 1)), partition: 0),
            topicPartition: TopicPartition(topic: "t", partition: 0), localID: 1, policy: Self.policy,
            highWatermark: 0, log: try self.open())
        var effects = ReplicaEffects()
        let assignment = PartitionAssignment(
            leader: 1, leaderEpoch: 1, partitionEpoch: 1, replicas: [1], isr: [1])
        #expect(
            partition.apply(
                assignment, brokers: [BrokerStatus(id: 1, epoch: 10)], now: self.now, effects: &effects) == .newEpoch)
        return partition
    }

    private static func batch() throws -> LeaderBatch {
        var builder = RecordBatchBuilder(RecordBatchBuilder.Options())
        builder.append(timestamp: Self.time, key: nil, value: ByteSlice(Array("value".utf8)))
        let bytes = try #require(try builder.finish(scratch: CompressionScratch()))
        let verdict = try BatchValidator(rules: TopicRecordRules())
            .validate(produced: bytes, version: 12, now: Self.time, scratch: CompressionScratch())
        guard case .append(let batch) = verdict else { throw RecordError(.invalidRecord, "rewritten") }
        let header = batch.patch(baseOffset: 0, leaderEpoch: 0).header(for: batch.batch)
        return LeaderBatch(header: header, records: batch.batch.records)
    }

    private func append(
        to partition: Partition, acks: Int16, waiter number: UInt64, effects: inout ReplicaEffects
    ) throws -> AppendReply {
        let waiter = AppendWaiter(id: ProduceWaiterID(rawValue: number), deadline: .distantFuture)
        let reply = partition.append(
            try Self.batch(), requiredAcks: acks, waiter: acks == -1 ? waiter : nil, now: self.now, time: Self.time,
            effects: &effects)
        if acks == 1, let end = reply.unflushedEnd {
            partition.awaitFlush(waiter, requiredOffset: end, effects: &effects)
        }
        return reply
    }

    private static func completions(_ numbers: UInt64...) -> [ProduceCompletion] {
        numbers.map { ProduceCompletion(waiter: ProduceWaiterID(rawValue: $0), error: .noError) }
    }

    @Test("Nothing is acknowledged before the flush, and one flush acknowledges all that came until it began")
    func groupCommit() throws {
        let partition = try self.leader()
        var effects = ReplicaEffects()
        let replies = [
            try self.append(to: partition, acks: -1, waiter: 1, effects: &effects),
            try self.append(to: partition, acks: 1, waiter: 2, effects: &effects),
            try self.append(to: partition, acks: -1, waiter: 3, effects: &effects),
        ]
        #expect(replies.map(\.error) == [.noError, .noError, .noError])
        #expect(replies.map(\.mustPayFlushDebt) == [true, false, false], "one flush is asked for")
        #expect(effects.completedProduces == [] && effects.highWatermark == nil)
        #expect(try partition.payFlushDebt(now: self.now, effects: &effects) == false)
        #expect(effects.completedProduces == Self.completions(2, 1, 3))
        #expect(effects.highWatermark == 3)
        effects.removeAll()
        #expect(try self.append(to: partition, acks: -1, waiter: 4, effects: &effects).mustPayFlushDebt)
    }

    @Test(
        "What was acknowledged is there after a power loss at any moment of the flush",
        arguments: [Int16(-1), 1], 0..<8 as Range<UInt64>)
    func powerLoss(acks: Int16, seed: UInt64) throws {
        var operations = 0
        var acknowledgedOnce = false
        while true {
            let test = FlushDurabilityTests()
            let partition = try test.leader()
            var acknowledged = 0
            var effects = ReplicaEffects()
            test.fileSystem.crash(afterOperations: operations)
            for number in 1...3 {
                _ = try test.append(to: partition, acks: acks, waiter: UInt64(number), effects: &effects)
                do {
                    _ = try partition.payFlushDebt(now: test.now, effects: &effects)
                } catch {
                    #expect(test.fileSystem.isCrashed, "seed \(seed), operation \(operations): \(error)")
                }
                acknowledged += effects.completedProduces.filter { $0.error == .noError }.count
                effects.removeAll()
            }
            let isCrashed = test.fileSystem.isCrashed
            test.fileSystem.restartAfterPowerLoss(seed: seed &* 31 &+ UInt64(operations))
            if acknowledged > 0 { acknowledgedOnce = true }
            let log = try test.open()
            #expect(
                log.logEndOffset.rawValue >= Int64(acknowledged),
                "seed \(seed), operation \(operations): acknowledged \(acknowledged), kept \(log.logEndOffset)")
            if !isCrashed { break }
            operations += 1
        }
        #expect(acknowledgedOnce)
    }

    @Test(
        "What a kill left in the page cache alone is on the disk before anybody is told of it",
        arguments: 0..<8 as Range<UInt64>)
    func killBeforePowerLoss(seed: UInt64) throws {
        let partition = try self.leader()
        var effects = ReplicaEffects()
        for number in 1...3 {
            _ = try self.append(to: partition, acks: -1, waiter: UInt64(number), effects: &effects)
        }
        self.fileSystem.restartAfterKill()
        #expect(try self.open().logEndOffset == 3)
        self.fileSystem.restartAfterPowerLoss(seed: seed)
        #expect(try self.open().logEndOffset == 3)
    }
}
