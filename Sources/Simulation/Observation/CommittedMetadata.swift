import ApusCore
import ClusterMetadata
import KafkaPrimitives
import KafkaRecords
import KafkaStoredMessages

/// Reads the committed metadata log record by record, so that no state between two images is missed.
struct CommittedMetadata {
    /// What one record, or the end of a metadata transaction, has changed.
    struct Change {
        var image: MetadataImage
        var sights: [Sight]
    }

    private var replay = MetadataReplay()
    private let scratch = CompressionScratch()

    /// Takes whole batches that follow the list.
    mutating func read(_ bytes: ByteSlice, after list: inout BatchList) throws -> [Change] {
        var changes: [Change] = []
        var scanner = LogEntryScanner(bytes)
        while case .batch(let batch) = try scanner.next() {
            guard batch.header.baseOffset >= list.endOffset else { continue }
            list.append(BatchDigest(batch))
            if batch.header.isControl { continue }
            var records = try RecordIterator(batch, scratch: self.scratch)
            var offset = batch.header.baseOffset
            while let record = try records.next() {
                let decoded = try MetadataRecord(decoding: record.value ?? .empty)
                try self.replay.apply(decoded, at: offset, epoch: batch.header.leaderEpoch)
                offset = offset + 1
                if let publication = self.replay.publish() { changes.append(Self.change(publication)) }
            }
        }
        return changes
    }

    private static func change(_ publication: MetadataPublication) -> Change {
        var change = Change(image: publication.image, sights: [])
        let delta = publication.delta
        for topic in delta.deletedTopics.sorted(by: { $0.key < $1.key }) {
            change.sights.append(.deleted(topic.key, name: topic.value))
        }
        for id in delta.changedPartitions.sorted() {
            if let state = publication.image.partition(id) { change.sights.append(.partition(id, state)) }
        }
        return change
    }
}
