import ApusCore
import EventLoop
import History
import KafkaClient
import KafkaPrimitives
import KafkaRecords

/// Reads all partitions from the beginning, and records what each answer brought. One that reads at the end stops when
/// it has seen everything.
final class WorkloadConsumer: ConsumerHandler, @unchecked Sendable {
    // Unchecked: what changes is touched on the loop only.
    private let record: RunRecord
    private let cluster: ClusterClient
    private let loop: EventLoop
    private let process: ProcessID
    private let isFinal: Bool
    private let scratch = CompressionScratch()
    private var consumer: Consumer?
    private var left: Set<TopicPartition>
    private var lastEnded = Instant(nanoseconds: 0)
    private var whenDone: (@Sendable (ClientError?) -> Void)?

    init(cluster: ClusterClient, record: RunRecord, isFinal: Bool) {
        self.record = record
        self.cluster = cluster
        self.loop = cluster.loop
        self.process = record.newProcess()
        self.isFinal = isFinal
        self.left = Set(record.partitions)
    }

    /// - Parameter whenDone: called once on the loop, when a final reader has read everything or cannot.
    func start(zone: String? = nil, whenDone: (@Sendable (ClientError?) -> Void)? = nil) {
        self.loop.execute {
            self.whenDone = whenDone
            var configuration = ConsumerConfiguration()
            configuration.rack = zone ?? ""
            let consumer = Consumer(configuration, cluster: self.cluster, handler: self)
            self.consumer = consumer
            self.append(.assign(self.record.partitions), outcome: .ok)
            consumer.assign(
                Dictionary(uniqueKeysWithValues: self.record.partitions.map { ($0, .earliest) }))
        }
    }

    func close() {
        self.loop.execute {
            self.consumer?.close()
            self.consumer = nil
            self.cluster.close()
        }
    }

    private func append(_ action: ClientAction, outcome: OperationOutcome) {
        let now = max(MonotonicClock.now(), self.lastEnded)
        let operation = ClientOperation(
            process: self.process, began: self.lastEnded, ended: now, outcome: outcome, action: action)
        self.lastEnded = now
        self.record.change { contents in _ = contents.history.append(operation) }
    }

    func received(_ batch: FetchedBatch) {
        let key = TopicPartition(topic: batch.topic, partition: batch.partition)
        var reads: [PolledReads.Read] = []
        do throws(RecordError) {
            var records = try RecordIterator(batch.batch, scratch: self.scratch)
            while let next = try records.next() {
                guard next.offset >= batch.firstOffset else { continue }
                let value = next.value?.withUnsafeBytes { UniqueValue.read($0) }.flatMap(\.self)
                reads.append(.init(offset: next.offset, value: value ?? Self.unreadable))
            }
        } catch {
            return self.fail("\(key): a batch cannot be read: \(error)")
        }
        guard !reads.isEmpty else { return }
        let (isFinal, count) = (self.isFinal, reads.count)
        self.append(
            .steps([.poll(PolledReads(key: key, reads: reads, highWatermark: batch.highWatermark))]), outcome: .ok)
        self.record.change { contents in
            if isFinal { contents.totals.found += count } else { contents.totals.received += count }
        }
    }

    /// Stands for bytes that nobody wrote.
    private static let unreadable = WrittenValue(-1)

    func noticed(_ event: ConsumerEvent, topic: String, partition: PartitionIndex) {
        let key = TopicPartition(topic: topic, partition: partition)
        switch event {
        case .began: break
        case .reachedEnd(let end):
            // A new leader may know of a lower high watermark for a moment.
            let known = self.record.places[key].flatMap { place in
                self.record.change { $0.acknowledgedEnds[place] }
            }
            guard end.rawValue >= known ?? 0 else { return }
            self.left.remove(key)
            if self.left.isEmpty { self.done(nil) }
        case .truncated(let from, let to):
            // The checker judges what was delivered and is not there any more; the reader goes on elsewhere.
            self.append(.seek([key]), outcome: .ok)
            self.fail("\(key): what was delivered from \(to) to \(from) is not stored any more")
        case .reset(let from):
            self.append(.seek([key]), outcome: .ok)
            self.fail("\(key): position \(from) was not in the log")
        case .outOfRange(let from):
            self.fail("\(key): position \(from) is not in the log")
        case .failed(let error):
            self.fail("\(key): \(error)")
            self.done(error)
        }
    }

    private func fail(_ text: String) {
        self.record.change { contents in
            contents.totals.clientErrors += 1
            contents.failures["reading \(text)", default: 0] += 1
        }
    }

    private func done(_ error: ClientError?) {
        guard let whenDone = self.whenDone else { return }
        self.whenDone = nil
        whenDone(error)
    }
}
