import ApusCore
import EventLoop
import KafkaClient
import KafkaPrimitives
import KafkaRecords

/// Reads numbered records from the beginning to the end of every partition into a ledger.
final class DemoReader: ConsumerHandler, @unchecked Sendable {
    // Unchecked: what changes is touched on the loop only, and read once `ended` was given.
    private let ended = OneShot<Result<RecordLedger, ClientError>>()
    private let scratch = CompressionScratch()
    private var ledger: RecordLedger
    private var consumer: Consumer?
    private var left: Set<PartitionIndex> = []

    init(_ ledger: RecordLedger) {
        self.ledger = ledger
    }

    /// Reads everything and returns the ledger, closed.
    func read(_ topic: String, partitionCount: Int, cluster: ClusterClient) throws(ClientError) -> RecordLedger {
        let indexes = (0..<partitionCount).map { PartitionIndex(Int32($0)) }
        let consumer = Consumer(ConsumerConfiguration(), cluster: cluster, handler: self)
        cluster.loop.execute {
            self.consumer = consumer
            self.left = Set(indexes)
            consumer.assign(
                Dictionary(
                    uniqueKeysWithValues: indexes.map { (TopicPartition(topic: topic, partition: $0), .earliest) }))
        }
        guard let result = self.ended.wait(seconds: 60) else {
            throw ClientError(.timedOut, "the records could not be read back within 60 s")
        }
        return try result.get()
    }

    func received(_ batch: FetchedBatch) {
        let partition = Int(batch.partition.rawValue)
        do throws(RecordError) {
            var records = try RecordIterator(batch.batch, scratch: self.scratch)
            while let record = try records.next() {
                guard record.offset >= batch.firstOffset else { continue }
                let number = record.value?.withUnsafeBytes { NumberedRecord.number($0) }
                self.ledger.read(number.flatMap(\.self) ?? -1, of: partition)
            }
        } catch {
            self.end(.failure(ClientError(.malformed, "partition \(partition): \(error)")))
        }
    }

    func noticed(_ event: ConsumerEvent, topic: String, partition: PartitionIndex) {
        switch event {
        case .reachedEnd:
            self.left.remove(partition)
            guard self.left.isEmpty else { return }
            self.ledger.close()
            self.end(.success(self.ledger))
        case .failed(let error):
            self.end(.failure(error))
        case .began: break
        case .reset, .truncated, .outOfRange:
            // Whatever is missing after that counts as lost.
            break
        }
    }

    private func end(_ result: Result<RecordLedger, ClientError>) {
        self.consumer?.close()
        self.consumer = nil
        self.ended.give(result)
    }
}
