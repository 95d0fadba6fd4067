import ApusCore
import EventLoop
import Glibc
import History
import KafkaClient

/// Writes unique values at a steady pace to all partitions in turn, and records what became of each batch.
///
/// In the history each partition of a producer is a process: it has one batch under way at most.
final class WorkloadProducer: ProducerHandler, @unchecked Sendable {
    // Unchecked: what changes is touched on the loop only.
    private struct Lane {
        var partition: ProducerPartition
        var process: ProcessID
        /// Values that were appended and have not ended, oldest first, and when the first of them was.
        var pending: [WrittenValue] = []
        var lastEnded = Instant(nanoseconds: 0)
    }

    private let plan: ProducerPlan
    private let rate: Double
    private let number: Int
    private let record: RunRecord
    private let cluster: ClusterClient
    private let loop: EventLoop
    private var producer: Producer?
    private var lanes: [Lane] = []
    private var value: [UInt8]
    private var appended = 0
    private var count: Int64 = 0
    private var began = Instant(nanoseconds: 0)
    private var isStopping = false
    /// When the first batch of a lane that has not ended was begun.
    private var oldest: [Int: Instant] = [:]

    private static let pace = Interval.milliseconds(2)
    /// More than this behind its pace it does not catch up: a storm after a pause would be another scenario.
    private static let lagMax = 0.25

    /// - Parameter number: unlike that of all other producers of the run.
    init(_ plan: ProducerPlan, number: Int, cluster: ClusterClient, record: RunRecord) throws(ClientError) {
        self.plan = plan
        self.rate = Double(plan.rate) / Double(plan.count)
        self.number = number
        self.record = record
        self.cluster = cluster
        self.loop = cluster.loop
        self.value = [UInt8](repeating: 0, count: max(plan.recordSize, UniqueValue.sizeMin))
        var configuration = ProducerConfiguration()
        configuration.acknowledgement = plan.acknowledgement == .all ? .all : .leader
        configuration.isIdempotent = plan.isIdempotent
        configuration.deliveryTimeout = plan.deliveryTimeout
        configuration.acknowledgementTimeout = min(.seconds(30), plan.deliveryTimeout)
        self.producer = try Producer(configuration, cluster: cluster, handler: self)
    }

    func start() {
        self.loop.execute {
            guard let producer = self.producer else { return }
            producer.start()
            self.lanes = self.record.partitions.map { partition in
                Lane(
                    partition: producer.partition(partition.topic, partition.partition),
                    process: self.record.newProcess())
            }
            self.began = self.loop.now
            self.pump()
        }
    }

    /// Writes no more, and calls `completion` on the loop when all has ended.
    func finish(_ completion: @escaping @Sendable () -> Void) {
        self.loop.execute {
            self.isStopping = true
            guard let producer = self.producer else { return completion() }
            producer.flush(completion)
        }
    }

    /// Gives up what has not ended.
    func close() {
        self.loop.execute {
            self.isStopping = true
            let unfinished = self.lanes.indices.reduce(into: [Int: Instant]()) { found, lane in
                if !self.lanes[lane].pending.isEmpty { found[lane] = self.oldest[lane] ?? self.loop.now }
            }
            self.record.change { $0.pauses.end(unfinished: unfinished) }
            self.producer?.close()
            self.producer = nil
            self.cluster.close()
        }
    }

    private func pump() {
        guard let producer = self.producer, !self.isStopping else { return }
        let elapsed = (self.loop.now - self.began).seconds
        let due = Int(elapsed * self.rate)
        self.appended = max(self.appended, due - Int(Self.lagMax * self.rate) - 1)
        let timestamp = Self.now()
        while self.appended < due, self.append(to: producer, timestamp) {}
        _ = self.loop.schedule(after: Self.pace) { [weak self] in self?.pump() }
    }

    private func append(to producer: Producer, _ timestamp: Timestamp) -> Bool {
        let turn = Int(self.count) % self.lanes.count
        let value = WrittenValue(Int64(self.number) * 1_000_000_000_000 + self.count)
        let partition = self.lanes[turn].partition
        let isTaken = self.value.withUnsafeMutableBytes { buffer in
            UniqueValue.fill(buffer, value)
            return producer.append(
                to: partition, timestamp: timestamp, key: nil, value: UnsafeRawBufferPointer(buffer))
        }
        guard isTaken else { return false }
        if self.lanes[turn].pending.isEmpty { self.oldest[turn] = self.loop.now }
        self.lanes[turn].pending.append(value)
        self.count += 1
        self.appended += 1
        self.record.change { $0.totals.sent += 1 }
        return true
    }

    private static func now() -> Timestamp {
        var time = timespec()
        clock_gettime(CLOCK_REALTIME, &time)
        return Timestamp(Int64(time.tv_sec) * 1000 + Int64(time.tv_nsec) / 1_000_000)
    }

    // MARK: What became of batches

    func producerHasRoom() {
        // The pace brings the next record.
    }

    func delivered(_ delivery: Delivery) {
        let key = TopicPartition(topic: delivery.topic, partition: delivery.partition)
        guard let place = self.record.places[key] else { return }
        let values = Array(self.lanes[place].pending.prefix(delivery.recordCount))
        self.lanes[place].pending.removeFirst(values.count)
        self.oldest[place] = self.lanes[place].pending.isEmpty ? nil : delivery.ended
        // A batch is sent when the one before has ended.
        let began = min(max(delivery.began, self.lanes[place].lastEnded), delivery.ended)
        self.lanes[place].lastEnded = delivery.ended
        let operation = ClientOperation(
            process: self.lanes[place].process, began: began, ended: delivery.ended,
            outcome: self.outcome(of: delivery), action: .steps(Self.steps(values, key, delivery.outcome)))
        let recordSize = self.value.count
        self.record.change { contents in
            contents.history.append(operation)
            switch delivery.outcome {
            case .stored(let base):
                let end = base.rawValue + Int64(values.count)
                contents.acknowledgedEnds[place] = max(contents.acknowledgedEnds[place] ?? 0, end)
                contents.totals.acknowledged += values.count
                contents.acknowledgedBytes += values.count * recordSize
                contents.pauses.acknowledged(place, began: delivery.began, now: delivery.ended)
                contents.latencies.append((delivery.ended - delivery.began).seconds)
            case .refused(let code):
                contents.totals.refused += values.count
                contents.totals.clientErrors += 1
                contents.failures["\(key): refused, \(code)", default: 0] += 1
            case .unknown(let code):
                contents.totals.unknown += values.count
                contents.totals.clientErrors += 1
                contents.failures["\(key): given up, \(code)", default: 0] += 1
            }
        }
    }

    private func outcome(of delivery: Delivery) -> OperationOutcome {
        switch delivery.outcome {
        case .stored: self.plan.acknowledgement == .all ? .ok : .info
        case .refused: .fail
        case .unknown: .info
        }
    }

    private static func steps(
        _ values: [WrittenValue], _ key: TopicPartition, _ outcome: DeliveryOutcome
    ) -> [ClientStep] {
        var offset: Offset?
        if case .stored(let base) = outcome, base >= 0 { offset = base }
        return values.enumerated().map { index, value in
            .send(SentValue(key: key, value: value, offset: offset.map { Offset($0.rawValue + Int64(index)) }))
        }
    }
}
