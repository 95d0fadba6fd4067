import ApusCore
import FileSystem
import KafkaPrimitives
import KafkaRecords
import KafkaStoredMessages

/// The producers that a log knew at an offset. Shape: see `ProducerSnapshotFile`.
enum ProducerSnapshotDump {
    /// Version and checksum, which the checksum does not cover.
    private static let uncheckedSize = 6

    static func run(
        _ file: StoredFile, _ fileSystem: PosixFileSystem, _ report: inout DumpReport
    ) throws(FileSystemError) {
        let content = try fileSystem.wholeContents(of: file.path)
        var reader = ByteReader(content)
        let snapshot: ProducerSnapshot
        do throws(DecodeError) {
            snapshot = try ProducerSnapshot(from: &reader, version: try reader.readInt16())
            try reader.expectEnd()
        } catch {
            report.problem(at: Int64(reader.position), "the snapshot cannot be read: \(error.code)")
            return
        }
        let checksum = content.withUnsafeBytes { bytes in
            CRC32C.checksum(of: UnsafeRawBufferPointer(rebasing: bytes[Self.uncheckedSize...]))
        }
        if checksum != snapshot.crc {
            report.problem(at: 2, "the checksum is \(snapshot.crc), that of the bytes is \(checksum)")
        }
        for entry in snapshot.producerEntries {
            report.row(
                "producer",
                [
                    .number("producerId", title: "producer", entry.producerId), .number("epoch", entry.epoch),
                    .number("lastSequence", title: "last-sequence", entry.lastSequence),
                    .number("lastOffset", title: "last-offset", entry.lastOffset),
                    .number("offsetDelta", title: "delta", entry.offsetDelta),
                    .time("timestamp", title: "time", entry.timestamp),
                    .number("coordinatorEpoch", title: "coordinator-epoch", entry.coordinatorEpoch),
                    .number("currentTxnFirstOffset", title: "transaction-first", entry.currentTxnFirstOffset),
                ])
            if let end = file.offset, entry.lastOffset >= end {
                report.problem(
                    "producer \(entry.producerId) has offset \(entry.lastOffset), at or after the snapshot's \(end)")
            }
        }
    }
}
