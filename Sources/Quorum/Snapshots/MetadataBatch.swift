package import ApusCore
import KafkaPrimitives
import KafkaRecords
package import KafkaStoredMessages

/// A batch of the metadata log, read.
package struct MetadataBatch: Sendable, Equatable {
    package var baseOffset: Offset
    /// The offset after the batch.
    package var endOffset: Offset
    package var epoch: LeaderEpoch
    package var appendTimestamp: Timestamp
    package var sizeInBytes: Int
    /// Empty for a batch of control records, which are the quorum's own.
    package var records: [MetadataRecord]

    /// Reads a batch. Throws where its checksum is wrong: bits may have turned on the disk since it was written, and a
    /// state that differs from the other nodes' is worse than none.
    init(_ batch: RecordBatchView, scratch: CompressionScratch) throws(QuorumError) {
        guard batch.hasValidChecksum else {
            throw .records(
                RecordError(.corruptBatch, "the checksum of the metadata at \(batch.header.baseOffset) is wrong"))
        }
        let header = batch.header
        self.baseOffset = header.baseOffset
        self.endOffset = header.nextOffset
        self.epoch = header.leaderEpoch
        self.appendTimestamp = header.maxTimestamp
        self.sizeInBytes = batch.sizeInBytes
        self.records = []
        guard !header.isControl else { return }
        for value in try Self.values(of: batch, scratch) {
            do throws(MetadataRecordError) {
                self.records.append(try MetadataRecord(decoding: value))
            } catch {
                throw .metadata(error)
            }
        }
    }

    private static func values(
        of batch: RecordBatchView, _ scratch: CompressionScratch
    ) throws(QuorumError) -> [ByteSlice] {
        do throws(RecordError) {
            var iterator = try RecordIterator(batch, scratch: scratch)
            var values: [ByteSlice] = []
            while let record = try iterator.next() { values.append(record.value ?? .empty) }
            return values
        } catch {
            throw .records(error)
        }
    }
}
