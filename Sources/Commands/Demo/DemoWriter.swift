import ApusCore
import EventLoop
import KafkaClient
import Synchronization

/// Writes numbered records at a steady pace to all partitions in turn, and keeps the ledger.
final class DemoWriter: ProducerHandler, @unchecked Sendable {
    // Unchecked: what changes is touched on the loop only, but for the progress, which has a lock.
    struct Progress: Sendable {
        var ledger: RecordLedger
        var pauses = PauseWatch()
        var recovery: RecoveryWatch?
        var failed = 0
        var ended = 0
    }

    let ended = OneShot<Bool>()
    private let topic: String
    let recordCount: Int
    private let recordsPerSecond: Int
    private let partitionCount: Int
    private let loop: EventLoop
    private var producer: Producer?
    private var partitions: [ProducerPartition] = []
    private var numbers: [Int]
    private var value = [UInt8](repeating: 46, count: NumberedRecord.size)
    private var appended = 0
    private var began = Instant(nanoseconds: 0)
    private let shared: Mutex<Progress>

    init(
        topic: String, partitionCount: Int, recordCount: Int, recordsPerSecond: Int, cluster: ClusterClient
    ) throws {
        self.topic = topic
        self.recordCount = recordCount
        self.recordsPerSecond = recordsPerSecond
        self.partitionCount = partitionCount
        self.loop = cluster.loop
        self.numbers = Array(repeating: 0, count: partitionCount)
        self.shared = Mutex(Progress(ledger: RecordLedger(partitionCount: partitionCount)))
        var configuration = ProducerConfiguration()
        configuration.acknowledgement = .all
        configuration.isIdempotent = true
        self.producer = try Producer(configuration, cluster: cluster, handler: self)
    }

    func start() {
        self.loop.execute {
            guard let producer = self.producer else { return }
            producer.start()
            self.partitions = self.numbers.indices.map { producer.partition(self.topic, PartitionIndex(Int32($0))) }
            self.began = self.loop.now
            self.pump()
        }
    }

    /// How far it is. From any thread.
    func progress() -> Progress { self.shared.withLock { $0 } }

    /// Does harm, and watches from its beginning how long partitions take to be writable again. From any thread but the
    /// loop's.
    func watchRecovery(from harm: () throws -> Void) rethrows {
        let began = self.now()
        try harm()
        let watch = RecoveryWatch(partitionCount: self.partitionCount, harmBegan: began, harmEnded: self.now())
        self.shared.withLock { $0.recovery = watch }
    }

    private func now() -> Instant {
        let now = OneShot<Instant>()
        self.loop.execute { now.give(self.loop.now) }
        return now.wait()
    }

    func producerHasRoom() {
        // The pace brings the next record.
    }

    func delivered(_ delivery: Delivery) {
        self.shared.withLock { progress in
            let isStored = if case .stored = delivery.outcome { true } else { false }
            progress.ledger.ended(delivery.recordCount, of: Int(delivery.partition.rawValue), isStored: isStored)
            progress.ended += delivery.recordCount
            if isStored {
                progress.pauses.succeeded(delivery.partition, began: delivery.began, now: delivery.ended)
                progress.recovery?.succeeded(delivery.partition, began: delivery.began, now: delivery.ended)
            } else {
                progress.failed += delivery.recordCount
            }
        }
    }

    private func pump() {
        guard let producer = self.producer else { return }
        let now = WallClock.now()
        let due = min(
            self.recordCount,
            Int(Double((self.loop.now - self.began).nanoseconds) / 1e9 * Double(self.recordsPerSecond)))
        while self.appended < due, self.append(to: producer, now: now) {}
        if self.appended == self.recordCount {
            producer.flush {
                producer.close()
                self.producer = nil
                self.ended.give(true)
            }
        } else {
            _ = self.loop.schedule(after: .milliseconds(2)) { [weak self] in self?.pump() }
        }
    }

    private func append(to producer: Producer, now: Timestamp) -> Bool {
        let turn = self.appended % self.partitions.count
        let number = self.numbers[turn]
        let isTaken = self.value.withUnsafeMutableBytes { buffer in
            NumberedRecord.fill(buffer, number: number)
            return producer.append(
                to: self.partitions[turn], timestamp: now, key: nil, value: UnsafeRawBufferPointer(buffer))
        }
        guard isTaken else { return false }
        self.numbers[turn] += 1
        self.appended += 1
        return true
    }
}
