import ApusCore
import EventLoop
import KafkaClient
import KafkaRecords
import Synchronization

/// Reads a topic on the consumer's loop and counts what comes.
final class PerfConsumer: ConsumerHandler, @unchecked Sendable {
    // Unchecked: what changes is touched on the loop only, but for the counts, which have a lock.
    let ended = OneShot<Result<Void, ClientError>>()
    private let starts: [TopicPartition: StartPosition]
    private let limit: Int?
    private let loop: EventLoop
    private var consumer: Consumer?
    private var left: Set<PartitionIndex>
    private let measured = Mutex(Measured())

    private struct Measured {
        var report = PerfReport()
        var began: Instant?
        var last: Instant?
    }

    init(
        topic: String, partitionCount: Int, limit: Int?, _ configuration: ConsumerConfiguration, cluster: ClusterClient
    ) {
        let indexes = (0..<partitionCount).map { PartitionIndex(Int32($0)) }
        self.starts = Dictionary(
            uniqueKeysWithValues: indexes.map { (TopicPartition(topic: topic, partition: $0), .earliest) })
        self.left = Set(indexes)
        self.limit = limit
        self.loop = cluster.loop
        self.consumer = Consumer(configuration, cluster: cluster, handler: self)
    }

    func start() {
        self.loop.execute {
            let now = self.loop.now
            self.measured.withLock { $0.began = now }
            self.consumer?.assign(self.starts)
        }
    }

    /// What has been read so far. From any thread.
    func report() -> PerfReport {
        self.measured.withLock { measured in
            var report = measured.report
            if let began = measured.began, let last = measured.last {
                report.seconds = Double((last - began).nanoseconds) / 1e9
            }
            return report
        }
    }

    func received(_ batch: FetchedBatch) {
        let now = self.loop.now
        let count = Int(batch.batch.header.recordCount)
        let total = self.measured.withLock { measured in
            measured.report.records += count
            measured.report.bytes += batch.batch.sizeInBytes
            measured.last = now
            return measured.report.records
        }
        if let limit = self.limit, total >= limit { self.end(.success(())) }
    }

    func noticed(_ event: ConsumerEvent, topic: String, partition: PartitionIndex) {
        switch event {
        case .reachedEnd:
            self.left.remove(partition)
            if self.limit == nil, self.left.isEmpty { self.end(.success(())) }
        case .failed(let error):
            self.end(.failure(error))
        case .began: break
        case .reset, .truncated, .outOfRange:
            // A measurement of what is there goes on with what is there.
            break
        }
    }

    private func end(_ result: Result<Void, ClientError>) {
        self.consumer?.close()
        self.consumer = nil
        self.ended.give(result)
    }
}
