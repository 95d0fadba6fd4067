package import ApusCore
import KafkaPrimitives
import KafkaRecords

/// A stored batch in a few words: the same for two batches only where they are the same bytes.
package struct BatchDigest: Hashable, Sendable, CustomStringConvertible {
    package var baseOffset: Offset
    /// After the last record.
    package var endOffset: Offset
    package var epoch: LeaderEpoch
    /// Of all bytes, header included.
    package var bytes: UInt64

    package init(baseOffset: Offset, endOffset: Offset, epoch: LeaderEpoch, bytes: UInt64) {
        self.baseOffset = baseOffset
        self.endOffset = endOffset
        self.epoch = epoch
        self.bytes = bytes
    }

    init(_ batch: RecordBatchView) {
        self.init(
            baseOffset: batch.header.baseOffset, endOffset: batch.header.nextOffset, epoch: batch.header.leaderEpoch,
            bytes: batch.bytes.withUnsafeBytes { UInt64.digest($0) })
    }

    package var description: String {
        "\(self.baseOffset)..<\(self.endOffset) of epoch \(self.epoch) (\(String(self.bytes, radix: 16)))"
    }
}
