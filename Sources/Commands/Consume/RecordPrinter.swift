import ApusCore
import EventLoop
import KafkaClient
import KafkaRecords

/// Prints what a consumer reads, on its loop, until there is a reason to end.
final class RecordPrinter: ConsumerHandler, @unchecked Sendable {
    // Unchecked: what changes is touched on the loop only; `printedCount` is read once that has ended.
    private let format: RecordFormat
    private let limit: Int?
    private let quiet: Interval?
    private let endsAtEnd: Bool
    private let terminal: Terminal
    private let scratch = CompressionScratch()
    private let ended = OneShot<Result<Void, ClientError>>()
    private var consumer: Consumer?
    private var left: Set<PartitionIndex> = []
    private var lastArrival = Instant(nanoseconds: 0)
    private(set) var printedCount = 0

    init(format: RecordFormat, limit: Int?, quiet: Interval?, endsAtEnd: Bool, terminal: Terminal) {
        self.format = format
        self.limit = limit
        self.quiet = quiet
        self.endsAtEnd = endsAtEnd
        self.terminal = terminal
    }

    /// Prints until the end, and returns why it came too early.
    func print(
        _ starts: [TopicPartition: StartPosition], _ configuration: ConsumerConfiguration, _ cluster: ClusterClient
    ) -> ClientError? {
        let consumer = Consumer(configuration, cluster: cluster, handler: self)
        cluster.loop.execute {
            self.consumer = consumer
            self.left = Set(starts.keys.map(\.partition))
            self.lastArrival = cluster.loop.now
            consumer.assign(starts)
            self.watch(cluster.loop)
        }
        switch self.ended.wait() {
        case .success: return nil
        case .failure(let error): return error
        }
    }

    func received(_ batch: FetchedBatch) {
        guard let consumer = self.consumer else { return }
        self.lastArrival = consumer.cluster.loop.now
        var text = ""
        do throws(RecordError) {
            var records = try RecordIterator(batch.batch, scratch: self.scratch)
            while let record = try records.next() {
                guard record.offset >= batch.firstOffset else { continue }
                text += self.format.text(record, partition: batch.partition, type: batch.batch.header.timestampType)
                self.printedCount += 1
                if self.printedCount == self.limit {
                    self.end(.success(()))
                    break
                }
            }
        } catch {
            self.end(.failure(ClientError(.malformed, "partition \(batch.partition): \(error)")))
        }
        self.terminal.write(text)
    }

    func noticed(_ event: ConsumerEvent, topic: String, partition: PartitionIndex) {
        switch event {
        case .began: break
        case .reachedEnd:
            self.left.remove(partition)
            if self.endsAtEnd, self.left.isEmpty { self.end(.success(())) }
        case .reset(let from):
            self.terminal.complain("\(topic)-\(partition): offset \(from) is not in the log; reading goes on elsewhere")
        case .outOfRange(let offset):
            self.end(
                .failure(ClientError(.refused(.offsetOutOfRange), "\(topic)-\(partition) has no offset \(offset)")))
        case .truncated(let from, let to):
            self.terminal.complain("\(topic)-\(partition): the log was truncated from \(from) to \(to)")
        case .failed(let error):
            self.end(.failure(error))
        }
    }

    private func watch(_ loop: EventLoop) {
        guard let quiet = self.quiet, self.consumer != nil else { return }
        let due = self.lastArrival + quiet
        if due <= loop.now { return self.end(.success(())) }
        _ = loop.schedule(at: due) { [weak self] in self?.watch(loop) }
    }

    private func end(_ result: Result<Void, ClientError>) {
        guard let consumer = self.consumer else { return }
        consumer.close()
        self.consumer = nil
        // What this call still prints is written before the command ends.
        let ended = self.ended
        consumer.cluster.loop.execute { ended.give(result) }
    }
}
