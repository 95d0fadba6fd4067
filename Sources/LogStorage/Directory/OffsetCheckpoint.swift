import ApusCore
import KafkaPrimitives

/// One of the files of a log directory that keep an offset for each partition; a line `topic partition offset` each.
package enum OffsetCheckpoint: String, CaseIterable, Hashable, Sendable {
    /// What lies below survives a power loss; where the recovery begins.
    case recoveryPoint = "recovery-point-offset-checkpoint"
    /// The high watermarks.
    case highWatermark = "replication-offset-checkpoint"
    /// The first offsets that may be read.
    case logStart = "log-start-offset-checkpoint"

    static let bytesMax = 256 * 1024 * 1024

    static func encode(_ offsets: [TopicPartition: Offset]) -> [UInt8] {
        CheckpointText.encode(
            offsets.sorted { $0.key < $1.key }.map { "\($0.key.topic) \($0.key.partition) \($0.value)" })
    }

    static func decode(_ bytes: ByteSlice) -> [TopicPartition: Offset]? {
        guard let lines = CheckpointText.decode(bytes) else { return nil }
        var offsets: [TopicPartition: Offset] = [:]
        for line in lines {
            guard line.count == 3, let index = Int32(line[1]), let offset = Int64(line[2]) else { return nil }
            offsets[TopicPartition(topic: String(line[0]), partition: PartitionIndex(index))] = Offset(offset)
        }
        return offsets
    }
}
