package import ApusCore
package import KafkaPrimitives

/// What a log holds at some position: a batch of format 2, or an entry of a format before that.
package enum LogEntry: Sendable {
    case batch(RecordBatchView)
    case legacy(LegacyEntry)

    /// Length in bytes, with everything.
    package var sizeInBytes: Int {
        switch self {
        case .batch(let batch): batch.sizeInBytes
        case .legacy(let entry): entry.bytes.count
        }
    }
}

/// A message of format 0 or 1, which segments from before Kafka 0.11 may hold. Only its frame is understood.
///
/// Shape: offset 8, length 4, then that many bytes: CRC 4, magic 1, attributes 1, and what the magic calls for.
/// A compressed message carries the offset of the last message within.
package struct LegacyEntry: Sendable {
    package let offset: Offset
    /// 0 or 1.
    package let magic: Int8
    /// The whole entry, offset and length included.
    package let bytes: ByteSlice

    /// Bytes after the length that every message of format 0 has at least.
    package static let lengthMin = 14

    /// When the producer made it, or when it was appended; format 0 has no time.
    package var timestamp: Timestamp {
        guard self.magic == 1, self.bytes.count >= 26 else { return .none }
        let raw = self.bytes.withUnsafeBytes { $0.loadUnaligned(fromByteOffset: 18, as: Int64.self) }
        return Timestamp(Int64(bigEndian: raw))
    }
}
