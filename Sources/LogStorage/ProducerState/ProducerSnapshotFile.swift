package import ApusCore
package import KafkaPrimitives
import KafkaRecords
import KafkaStoredMessages

/// The content of a `<offset>.snapshot` file: the producers of a log up to that offset.
///
/// Shape: version 2 (1), CRC-32C 4 of what follows it, count 4, and 46 bytes for each producer. Of its batches only the
/// newest is kept. Source: `ProducerSnapshot` of Kafka 4.3.
package enum ProducerSnapshotFile {
    private static let version: Int16 = 1
    /// Version and checksum, which the checksum does not cover.
    private static let uncheckedSize = 6

    /// The file for `table`, producers by ascending id. Its name is `table.endOffset`.
    package static func encode(_ table: ProducerStateTable) -> ByteSlice {
        var snapshot = ProducerSnapshot()
        snapshot.producerEntries = table.entries.map { id, entry in
            let batch = entry.batches.last
            var stored = ProducerSnapshot.ProducerEntry()
            stored.producerId = id
            stored.epoch = entry.epoch
            stored.lastSequence = entry.lastSequence.rawValue
            stored.lastOffset = batch?.lastOffset ?? .unknown
            stored.offsetDelta = batch?.offsetDelta ?? 0
            stored.timestamp = entry.lastTimestamp
            stored.coordinatorEpoch = entry.coordinatorEpoch
            stored.currentTxnFirstOffset = entry.transactionFirstOffset ?? .unknown
            return stored
        }
        var writer = ByteWriter(capacity: 10 + 46 * snapshot.producerEntries.count)
        writer.writeInt16(self.version)
        snapshot.encode(into: &writer, version: self.version)
        let checksum = writer.withUnsafeBytes { bytes in
            CRC32C.checksum(of: UnsafeRawBufferPointer(rebasing: bytes[Self.uncheckedSize...]))
        }
        writer.overwriteInt32(Int32(bitPattern: checksum), at: 2)
        return writer.finish()
    }

    /// The producers in a file. Throws `corruptFile` where it is not whole: an older one, or the log itself, has to do.
    package static func decode(_ bytes: ByteSlice) throws(LogError) -> [(id: ProducerID, entry: ProducerEntry)] {
        let snapshot = try self.parse(bytes)
        let checksum = bytes.withUnsafeBytes { bytes in
            CRC32C.checksum(of: UnsafeRawBufferPointer(rebasing: bytes[Self.uncheckedSize...]))
        }
        guard checksum == snapshot.crc else {
            throw LogError(.corruptFile, "a producer snapshot has checksum \(checksum) instead of \(snapshot.crc)")
        }
        return snapshot.producerEntries.map { stored in
            var batch: ProducerEntry.Batch?
            if stored.lastOffset >= 0 {
                batch = ProducerEntry.Batch(
                    lastSequence: SequenceNumber(stored.lastSequence), lastOffset: stored.lastOffset,
                    offsetDelta: stored.offsetDelta, timestamp: stored.timestamp)
            }
            let entry = ProducerEntry(
                epoch: stored.epoch, batch: batch, lastTimestamp: stored.timestamp,
                coordinatorEpoch: stored.coordinatorEpoch,
                transactionFirstOffset: stored.currentTxnFirstOffset < 0 ? nil : stored.currentTxnFirstOffset)
            return (id: stored.producerId, entry: entry)
        }
    }

    private static func parse(_ bytes: ByteSlice) throws(LogError) -> ProducerSnapshot {
        do {
            var reader = ByteReader(bytes)
            let version = try reader.readInt16()
            let snapshot = try ProducerSnapshot(from: &reader, version: version)
            try reader.expectEnd()
            return snapshot
        } catch {
            throw LogError(.corruptFile, "a producer snapshot cannot be read: \(error)")
        }
    }
}
