import ApusCore
import EventLoop
import KafkaClient
import Synchronization

/// Writes a load of records on the producer's loop and measures what becomes of them.
final class PerfProducer: ProducerHandler, @unchecked Sendable {
    // Unchecked: what changes is touched on the loop only, but for the report, which has a lock.
    struct Load: Hashable, Sendable {
        var topic: String
        var partitionCount: Int
        var recordCount: Int
        var recordBytes: Int
        /// Nil for no limit.
        var recordsPerSecond: Int?
    }

    let ended = OneShot<Bool>()
    private let load: Load
    private let loop: EventLoop
    private let batchBytesMax: Int
    private var producer: Producer?
    private var partitions: [ProducerPartition] = []
    private let letters: [UInt8]
    private var appended = 0
    private var turn = 0
    private var bytesInTurn = 0
    private var began = Instant(nanoseconds: 0)
    private var isPumpScheduled = false
    private var isFlushing = false
    private let measured: Mutex<Measured>

    private struct Measured {
        var report = PerfReport()
        var began: Instant?
        var last: Instant?
    }

    /// Bytes that are made in one iteration of the loop, so that connections get their turn.
    private static let sliceBytes = 256 << 10
    private static let lettersCount = 1 << 20

    init(_ load: Load, _ configuration: ProducerConfiguration, cluster: ClusterClient) throws {
        self.load = load
        self.loop = cluster.loop
        self.batchBytesMax = configuration.batchBytesMax
        var random = SeededRandom(seed: 1)
        self.letters = (0..<Self.lettersCount + load.recordBytes).map { _ in UInt8.random(in: 65...90, using: &random) }
        self.measured = Mutex(Measured())
        self.measured.withLock {
            $0.report.latency = LatencyHistogram()
            $0.report.pauses = PauseWatch()
        }
        self.producer = try Producer(configuration, cluster: cluster, handler: self)
    }

    func start() {
        self.loop.execute {
            guard let producer = self.producer else { return }
            producer.start()
            self.partitions = (0..<self.load.partitionCount).map {
                producer.partition(self.load.topic, PartitionIndex(Int32($0)))
            }
            self.began = self.loop.now
            let began = self.began
            self.measured.withLock { $0.began = began }
            self.pump()
        }
    }

    /// What has been measured so far. From any thread.
    func report() -> PerfReport {
        self.measured.withLock { measured in
            var report = measured.report
            if let began = measured.began, let last = measured.last {
                report.seconds = Double((last - began).nanoseconds) / 1e9
            }
            return report
        }
    }

    func producerHasRoom() { self.schedulePump() }

    func delivered(_ delivery: Delivery) {
        let bytes = delivery.recordCount * self.load.recordBytes
        self.measured.withLock { measured in
            measured.last = delivery.ended
            guard case .stored = delivery.outcome else {
                measured.report.failed += delivery.recordCount
                return
            }
            measured.report.records += delivery.recordCount
            measured.report.bytes += bytes
            measured.report.latency?.record(delivery.ended - delivery.began, times: delivery.recordCount)
            measured.report.pauses?.succeeded(delivery.partition, began: delivery.began, now: delivery.ended)
        }
    }

    private func schedulePump() {
        guard !self.isPumpScheduled else { return }
        self.isPumpScheduled = true
        self.loop.execute {
            self.isPumpScheduled = false
            self.pump()
        }
    }

    private func pump() {
        guard let producer = self.producer, !self.isFlushing else { return }
        var slice = min(self.allowed, max(1, Self.sliceBytes / self.load.recordBytes))
        let now = WallClock.now()
        let isFull = self.letters.withUnsafeBytes { letters in
            while slice > 0 {
                guard self.append(letters, to: producer, now: now) else { return true }
                slice -= 1
            }
            return false
        }
        if self.appended == self.load.recordCount {
            self.isFlushing = true
            producer.flush {
                producer.close()
                self.producer = nil
                self.ended.give(true)
            }
        } else if isFull {
            return
        } else if self.allowed > 0 {
            self.schedulePump()
        } else {
            // A new partition each time: what trickles is spread evenly.
            self.nextTurn()
            _ = self.loop.schedule(after: .milliseconds(1)) { [weak self] in self?.pump() }
        }
    }

    /// Records that may be made now.
    private var allowed: Int {
        let left = self.load.recordCount - self.appended
        guard let rate = self.load.recordsPerSecond else { return left }
        let due = Double((self.loop.now - self.began).nanoseconds) / 1e9 * Double(rate)
        return min(left, max(0, Int(due) - self.appended))
    }

    private func append(_ letters: UnsafeRawBufferPointer, to producer: Producer, now: Timestamp) -> Bool {
        let start = (self.appended &* 61) & (Self.lettersCount - 1)
        let value = UnsafeRawBufferPointer(rebasing: letters[start..<start + self.load.recordBytes])
        guard producer.append(to: self.partitions[self.turn], timestamp: now, key: nil, value: value) else {
            return false
        }
        self.appended += 1
        self.bytesInTurn += self.load.recordBytes + 8
        if self.bytesInTurn >= self.batchBytesMax { self.nextTurn() }
        return true
    }

    private func nextTurn() {
        self.turn = (self.turn + 1) % self.partitions.count
        self.bytesInTurn = 0
    }
}
