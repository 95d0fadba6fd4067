import ApusCore
import FileSystem
import KafkaPrimitives
import KafkaStoredMessages
import LogStorage

/// The aborted transactions that end in a segment. Shape: see `AbortedTransaction`.
enum TransactionIndexDump {
    static func run(
        _ file: StoredFile, _ fileSystem: PosixFileSystem, _ report: inout DumpReport
    ) throws(FileSystemError) {
        var reader = ByteReader(try fileSystem.wholeContents(of: file.path))
        var lastOffset = Offset.unknown
        while reader.remaining > 0 {
            let position = Int64(reader.position)
            do throws(DecodeError) {
                let entry = try AbortedTxn(from: &reader, version: try reader.readInt16())
                report.row(
                    "abortedTransaction",
                    [
                        .number("producerId", title: "producer", entry.producerId),
                        .number("firstOffset", title: "first", entry.firstOffset),
                        .number("lastOffset", title: "last", entry.lastOffset),
                        .number("lastStableOffset", title: "last-stable", entry.lastStableOffset),
                    ])
                if entry.lastOffset <= lastOffset {
                    report.problem(at: position, "last offset \(entry.lastOffset) comes after \(lastOffset)")
                }
                if entry.firstOffset > entry.lastOffset {
                    report.problem(
                        at: position, "the transaction ends at \(entry.lastOffset), before its beginning")
                }
                lastOffset = max(lastOffset, entry.lastOffset)
            } catch {
                report.problem(at: position, "the entry cannot be read: \(error.code)")
                return
            }
        }
    }
}
