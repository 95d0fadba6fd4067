import ApusCore
import FileSystem
import KafkaPrimitives
import KafkaRecords

/// The producers' states of a log, and their snapshot files.
struct ProducerStates: Sendable {
    func check(_ header: RecordBatchHeader, origin: AppendOrigin, now: Timestamp) -> AppendOutcome? { nil }

    mutating func update(_ header: RecordBatchHeader, records: ByteSlice, segment: LogSegment) throws(LogError) {}

    mutating func advance(to endOffset: Offset) {}

    func writeSnapshot(at offset: Offset, folder: String, _ fileSystem: FileSystemPort) throws(FileSystemError) {}

    mutating func retireSnapshots(
        before offset: Offset, folder: String, _ cache: OpenFileCache
    ) throws(LogError) -> [FileSlot] { [] }

    mutating func takeUnsynchronizedSnapshots(folder: String) -> [String] { [] }
}

extension PartitionLog {
    func rebuildProducers() throws(LogError) {}
}
