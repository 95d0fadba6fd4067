import ApusCore
import Dispatch
import EventLoop
import KafkaClient
import KafkaPrimitives

/// Makes records of lines, on the producer's loop; the thread that reads waits while too much is under way.
final class LineWriter: ProducerHandler, @unchecked Sendable {
    // Unchecked: what changes is touched on the loop only; the entry points for the reading thread hop there.
    private let topic: String
    private let partitionCount: Int
    private let only: PartitionIndex?
    private let format: LineFormat
    private let loop: EventLoop
    private var producer: Producer?
    private var chunks: [ByteSlice] = []
    /// Bytes of the first chunk that are records already.
    private var consumed = 0
    private var turn = 0
    private var failures: [String] = []
    private var completion: (() -> Void)?
    private let slots = DispatchSemaphore(value: LineWriter.chunksMax)

    /// Chunks of lines that wait at most; more wait in the pipe.
    private static let chunksMax = 16
    /// So many records go to a partition before the next one gets some.
    private static let recordsPerTurn = 100

    init(
        topic: String, partitionCount: Int, only: PartitionIndex?, format: LineFormat,
        configuration: ProducerConfiguration, cluster: ClusterClient
    ) throws {
        self.topic = topic
        self.partitionCount = partitionCount
        self.only = only
        self.format = format
        self.loop = cluster.loop
        let producer = try Producer(configuration, cluster: cluster, handler: self)
        self.producer = producer
        self.loop.execute { producer.start() }
    }

    /// Takes whole lines; waits while there is no room. Not on the loop.
    func write(_ lines: ByteSlice) {
        self.slots.wait()
        self.loop.execute {
            self.chunks.append(lines)
            self.pump()
        }
    }

    /// Waits until everything has ended; returns what was not stored. Not on the loop.
    func finish() -> [String] {
        let result = OneShot<[String]>()
        self.loop.execute {
            self.completion = { [weak self] in result.give(self?.failures ?? []) }
            self.pump()
        }
        let failures = result.wait()
        self.loop.execute { self.producer = nil }
        return failures
    }

    func producerHasRoom() { self.pump() }

    func delivered(_ delivery: Delivery) {
        switch delivery.outcome {
        case .stored: break
        case .refused(let code):
            self.failures.append("\(delivery.recordCount) records were not stored: \(code)")
        case .unknown(let code):
            self.failures.append("\(delivery.recordCount) records may not be stored: \(code)")
        }
    }

    private func pump() {
        guard let producer = self.producer else { return }
        while let chunk = self.chunks.first {
            let now = WallClock.now()
            guard chunk.withUnsafeBytes({ self.append($0, to: producer, now: now) }) else { return }
            self.chunks.removeFirst()
            self.consumed = 0
            self.slots.signal()
        }
        if let completion = self.completion {
            self.completion = nil
            producer.flush(completion)
        }
    }

    /// Returns false where there is no room for the rest.
    private func append(_ bytes: UnsafeRawBufferPointer, to producer: Producer, now: Timestamp) -> Bool {
        while self.consumed < bytes.count {
            let rest = UnsafeRawBufferPointer(rebasing: bytes[self.consumed...])
            let length = rest.firstIndex(of: 10) ?? rest.count
            let line = UnsafeRawBufferPointer(rebasing: rest[..<length])
            do throws(LineFormat.LineError) {
                let parts = try self.format.parse(line)
                let partition = producer.partition(self.topic, self.partition(for: parts.key))
                guard
                    producer.append(
                        to: partition, timestamp: now, key: parts.key, value: parts.value, headers: parts.headers)
                else { return false }
                self.turn += 1
            } catch {
                self.failures.append("a line is no record: \(error.message)")
            }
            self.consumed += length + 1
        }
        return true
    }

    private func partition(for key: UnsafeRawBufferPointer?) -> PartitionIndex {
        if let only = self.only { return only }
        if let key { return KeyPartitioner.partition(of: ByteSlice(copying: key), count: self.partitionCount) }
        return PartitionIndex(Int32(self.turn / Self.recordsPerTurn % self.partitionCount))
    }
}
