package import ApusCore
import FileSystem
import KafkaPrimitives
import KafkaRecords
import KafkaStoredMessages
package import LogStorage

/// A finished snapshot of the metadata, to be read.
///
/// Shape: batches as in the log, with offsets of their own from 0 on: a header control record, the records of the image,
/// a footer control record. Source: KIP-630.
package struct MetadataSnapshot {
    package let id: SnapshotID
    private let log: MetadataLog

    /// A piece that holds no whole batch is read again twice as long, up to this: longer batches are not written.
    private static let pieceSizeMax = 64 << 20

    init(id: SnapshotID, log: MetadataLog) {
        self.id = id
        self.log = log
    }

    /// Calls `body` with each batch of records, in order.
    package func forEachBatch(_ body: (MetadataBatch) throws(QuorumError) -> Void) throws(QuorumError) {
        let scratch = CompressionScratch()
        try self.scan { (batch) throws(QuorumError) in
            if !batch.header.isControl { try body(try MetadataBatch(batch, scratch: scratch)) }
            return true
        }
    }

    /// When the last of the records was appended that the snapshot stands for; nil where its header does not tell.
    package func lastContainedTimestamp() throws(QuorumError) -> Timestamp? {
        var timestamp: Timestamp?
        try self.scan { (batch) throws(QuorumError) in
            timestamp = Self.headerTimestamp(batch)
            return false
        }
        return timestamp
    }

    private static func headerTimestamp(_ batch: RecordBatchView) -> Timestamp? {
        do {
            var iterator = try RecordIterator(batch, scratch: CompressionScratch())
            guard let record = try iterator.next(), let key = record.key, let value = record.value,
                ControlRecordType(key: key) == .snapshotHeader
            else { return nil }
            return try SnapshotHeaderRecord(decoding: value, version: 0).lastContainedLogTimestamp
        } catch {
            // A header from the future: the snapshot is good all the same.
            return nil
        }
    }

    /// Calls `body` with each batch until it returns false.
    private func scan(_ body: (RecordBatchView) throws(QuorumError) -> Bool) throws(QuorumError) {
        var position: Int64 = 0
        var pieceSize = 1 << 20
        while true {
            let piece = try self.piece(at: position, count: pieceSize)
            guard piece.count > 0 else { return }
            var scanner = LogEntryScanner(piece)
            while let batch = try Self.next(&scanner) {
                guard try body(batch) else { return }
            }
            position += Int64(scanner.position)
            guard scanner.position == 0 else { continue }
            guard piece.count == pieceSize, pieceSize < Self.pieceSizeMax else {
                throw .records(RecordError(.corruptBatch, "snapshot \(self.id) is cut short at byte \(position)"))
            }
            pieceSize *= 2
        }
    }

    private func piece(at position: Int64, count: Int) throws(QuorumError) -> ByteSlice {
        do throws(LogError) {
            guard let region = try self.log.region(of: self.id, position: position, maxBytes: count) else {
                throw LogError(.corruptFile, "no snapshot \(self.id)")
            }
            return try region.contents()
        } catch {
            throw .storage(error)
        }
    }

    private static func next(_ scanner: inout LogEntryScanner) throws(QuorumError) -> RecordBatchView? {
        do throws(RecordError) {
            guard case .batch(let batch)? = try scanner.next() else { return nil }
            return batch
        } catch {
            throw .records(error)
        }
    }
}
