import ApusCore
import FileSystem
import KafkaPrimitives
import KafkaRecords
import LogStorage
import Testing

/// One partition's folder on a file system, and how to open it.
struct LogFixture {
    let fileSystem: FileSystemPort
    let cache: OpenFileCache
    var folder: String
    var configuration = LogConfiguration()
    let now: Timestamp = 1_700_000_000_000

    init(_ fileSystem: FileSystemPort, folder: String = "/data/topic-0") throws {
        self.fileSystem = fileSystem
        self.cache = OpenFileCache(fileSystem: fileSystem, capacity: 8)
        self.folder = folder
        self.configuration.indexIntervalBytes = 200
        if try fileSystem.attributes(folder) == nil {
            let parent = FileSystemPort.parent(of: folder)
            if try fileSystem.attributes(parent) == nil { try fileSystem.createDirectory(parent) }
            try fileSystem.createDirectory(folder)
        }
    }

    func open(recoveryPoint: Offset = 0, logStartOffset: Offset = 0, isClean: Bool = false) throws -> PartitionLog {
        try PartitionLog.open(
            PartitionLog.Origin(
                folder: self.folder, configuration: self.configuration, recoveryPoint: recoveryPoint,
                logStartOffset: logStartOffset, isClean: isClean),
            cache: self.cache, now: self.now)
    }

    var fileNames: [String] {
        get throws { try self.fileSystem.list(self.folder).map(\.name) }
    }
}

extension PartitionLog {
    /// Appends one batch of `count` records as leader.
    @discardableResult
    func append(
        _ count: Int = 1, valueSize: Int = 20, epoch: LeaderEpoch = 0, timestamp: Timestamp = 1_700_000_000_000
    ) throws -> AppendResult {
        try self.appendAsLeader(
            [BatchMaker.batch(count: count, valueSize: valueSize, timestamp: timestamp)], leaderEpoch: epoch,
            now: timestamp)
    }

    /// The headers of the batches that a read gives.
    func headers(
        from offset: Offset, maxBytes: Int = .max, minOneBatch: Bool = true, endOffset: Offset? = nil
    ) throws -> [RecordBatchHeader] {
        let read = try self.read(
            from: offset, maxBytes: maxBytes, minOneBatch: minOneBatch, endOffset: endOffset ?? self.logEndOffset)
        return try read.bytes.map { RecordBatchSequence($0).map(\.header) } ?? []
    }

    /// All batches of the log, each checked against its checksum: base offset, last offset and epoch.
    func everything() throws -> [BatchSummary] {
        var found: [BatchSummary] = []
        var offset = self.logStartOffset
        while offset < self.logEndOffset {
            let read = try self.read(from: offset, maxBytes: .max, minOneBatch: true, endOffset: self.logEndOffset)
            guard let bytes = try read.bytes, RecordBatchSequence(bytes).completeByteCount > 0 else {
                Issue.record("no batch at \(offset), before the log's end \(self.logEndOffset)")
                break
            }
            for batch in RecordBatchSequence(bytes) {
                #expect(batch.hasValidChecksum)
                found.append(
                    BatchSummary(
                        base: batch.header.baseOffset, last: batch.header.lastOffset, epoch: batch.header.leaderEpoch))
                offset = batch.header.nextOffset
            }
        }
        return found
    }
}

struct BatchSummary: Hashable {
    var base: Offset
    var last: Offset
    var epoch: LeaderEpoch
}

extension LogRead {
    /// The bytes of the region, read from its file.
    var bytes: ByteSlice? {
        get throws {
            guard let region = self.region else { return nil }
            let file = try #require(region.owner as? OpenFile)
            return try file.readSlice(at: region.offset, count: region.count)
        }
    }
}
