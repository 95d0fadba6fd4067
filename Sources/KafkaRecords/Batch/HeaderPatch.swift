package import ApusCore
import KafkaPrimitives

/// What a leader changes in the header of a batch that it appends as it came.
///
/// The batch is not touched: the changed header is written elsewhere, and the log gathers it and `batch.records` into
/// one write. Offset and epoch lie outside the checksum; a change of time costs a pass over the batch for a new one.
package struct HeaderPatch: Hashable, Sendable {
    package enum Time: Hashable, Sendable {
        /// As in the batch.
        case unchanged
        /// The largest of the records' own times, where the producer's header is wrong about it.
        case createTime(max: Timestamp)
        /// The broker's time of the append.
        case logAppendTime(Timestamp)
    }

    package var baseOffset: Offset
    package var leaderEpoch: LeaderEpoch
    package var time: Time

    package init(baseOffset: Offset, leaderEpoch: LeaderEpoch, time: Time = .unchanged) {
        self.baseOffset = baseOffset
        self.leaderEpoch = leaderEpoch
        self.time = time
    }

    /// The header of `batch` with the changes made.
    package func header(for batch: RecordBatchView) -> RecordBatchHeader {
        var header = batch.header
        header.baseOffset = self.baseOffset
        header.leaderEpoch = self.leaderEpoch
        switch self.time {
        case .unchanged:
            return header
        case .createTime(let max):
            header.attributes.timestampType = .createTime
            header.maxTimestamp = max
        case .logAppendTime(let now):
            header.attributes.timestampType = .logAppendTime
            header.maxTimestamp = now
        }
        if header.attributes != batch.header.attributes || header.maxTimestamp != batch.header.maxTimestamp {
            header.crc = Self.checksum(of: header, over: batch)
        }
        return header
    }

    /// Writes the changed header to `destination`, of which `RecordBatchHeader.size` bytes must be writable.
    package func write(for batch: RecordBatchView, to destination: UnsafeMutableRawPointer) {
        self.header(for: batch).write(to: destination)
    }

    /// The checksum of the batch that has `header` in front of the records of `batch`.
    private static func checksum(of header: RecordBatchHeader, over batch: RecordBatchView) -> UInt32 {
        let front = withUnsafeTemporaryAllocation(byteCount: RecordBatchHeader.size, alignment: 8) { buffer in
            guard let start = buffer.baseAddress else { return CRC32C.checksum(of: UnsafeRawBufferPointer(buffer)) }
            header.write(to: start)
            return CRC32C.checksum(
                of: UnsafeRawBufferPointer(rebasing: buffer[RecordBatchHeader.checksummedStart...]))
        }
        return batch.records.withUnsafeBytes { CRC32C.checksum(of: $0, continuing: front) }
    }
}
