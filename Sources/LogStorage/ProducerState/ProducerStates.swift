import ApusCore
import FileSystem
import KafkaPrimitives
import KafkaRecords

/// The producers' states of a log, and the snapshots of them in its folder.
///
/// A snapshot named by an offset holds what follows from all records below it. It is written at every roll and at a
/// clean shutdown, so that opening a log replays little.
struct ProducerStates: Sendable {
    var table: ProducerStateTable
    /// The offsets of the snapshots in the folder, ascending.
    private(set) var snapshots: [Offset]
    /// Those that have not been synchronized.
    private var unsynchronized: [Offset] = []

    /// A folder that large a snapshot is in would hold more producers than a broker can remember.
    private static let snapshotBytesMax = 1024 * 1024 * 1024

    init(table: ProducerStateTable, snapshots: [Offset]) {
        self.table = table
        self.snapshots = snapshots
    }

    static func path(_ offset: Offset, folder: String) -> String {
        "\(folder)/\(SegmentFileName.name(offset, .producerSnapshot))"
    }

    // MARK: Appending

    /// What keeps a batch from being appended, or nil.
    func obstacle(
        to header: RecordBatchHeader, records: ByteSlice, origin: AppendOrigin, transactionVersion: Int16
    ) -> AppendOutcome? {
        guard header.hasProducerID else { return nil }
        let verdict: ProducerVerdict
        do {
            if let end = try TransactionEnd(header: header, records: records) {
                verdict = self.table.check(header, end: end, transactionVersion: transactionVersion)
            } else {
                verdict = self.table.check(header, origin: origin)
            }
        } catch {
            return .refused(.invalidRecord)
        }
        switch verdict {
        case .accepted: return nil
        case .duplicate(let baseOffset, let lastOffset, let timestamp):
            return .duplicate(baseOffset: baseOffset, lastOffset: lastOffset, timestamp: timestamp)
        case .refused(let code): return .refused(code)
        }
    }

    /// Takes in a batch that is being appended; a transaction that was aborted goes into the segment's index.
    mutating func append(
        _ header: RecordBatchHeader, records: ByteSlice, to segment: LogSegment
    ) throws(LogError) {
        guard header.hasProducerID else { return }
        let end: TransactionEnd?
        do {
            end = try TransactionEnd(header: header, records: records)
        } catch {
            throw LogError(.corruptBatch, "the marker at \(header.baseOffset) cannot be read: \(error)")
        }
        guard let aborted = self.table.update(header, end: end) else { return }
        try LogError.storage { () throws(FileSystemError) in try segment.abortedTransactions.append(aborted) }
    }

    // MARK: Snapshots

    /// Writes a snapshot of the table, which accounts for everything below `offset`; nothing if there is one already.
    ///
    /// When it returns, the file is in the page cache; a flush prepared later makes it durable.
    mutating func writeSnapshot(at offset: Offset, folder: String, _ fileSystem: FileSystemPort) throws(FileSystemError)
    {
        self.table.advance(to: offset)
        guard self.snapshots.last ?? .unknown < offset else { return }
        try fileSystem.replaceContents(
            of: Self.path(offset, folder: folder), with: ProducerSnapshotFile.encode(self.table).array, durable: false)
        self.snapshots.append(offset)
        self.unsynchronized.append(offset)
    }

    /// The paths of the snapshots written since the last call.
    mutating func takeUnsynchronized(folder: String) -> [String] {
        defer { self.unsynchronized.removeAll() }
        return self.unsynchronized.map { Self.path($0, folder: folder) }
    }

    /// Removes the snapshots that `isObsolete` picks; returns whether there were any.
    mutating func removeSnapshots(
        folder: String, _ fileSystem: FileSystemPort, where isObsolete: (Offset) -> Bool
    ) throws(FileSystemError) -> Bool {
        let obsolete = self.snapshots.filter(isObsolete)
        for offset in obsolete { try fileSystem.removeIfPresent(Self.path(offset, folder: folder)) }
        self.snapshots.removeAll(where: isObsolete)
        self.unsynchronized.removeAll(where: isObsolete)
        return !obsolete.isEmpty
    }

    /// Makes the table what follows from all records of `segments` below `offset`: from the newest sound snapshot at or
    /// below it, and the batches after that. Damaged snapshots are removed.
    mutating func rebuild(
        to offset: Offset, segments: [LogSegment], context: ReplayContext
    ) throws(LogError) {
        let first = segments.first?.baseOffset ?? offset
        self.table = ProducerStateTable(endOffset: min(max(first, context.logStartOffset), offset))
        for snapshot in self.snapshots.reversed() where snapshot <= offset {
            if let table = try self.load(snapshot, context: context) {
                self.table = table
                break
            }
            _ = try LogError.storage { () throws(FileSystemError) in
                try self.removeSnapshots(folder: context.folder, context.fileSystem) { $0 == snapshot }
            }
        }
        try self.table.replay(segments, to: offset)
        self.table.removeExpired(now: context.now, expirationMs: context.expirationMilliseconds)
    }

    /// What a rebuilding must know besides the log.
    struct ReplayContext {
        var folder: String
        var fileSystem: FileSystemPort
        var logStartOffset: Offset
        var now: Timestamp
        var expirationMilliseconds: Int64
    }

    private func load(_ offset: Offset, context: ReplayContext) throws(LogError) -> ProducerStateTable? {
        let bytes = try LogError.storage { () throws(FileSystemError) in
            try context.fileSystem.contents(
                of: Self.path(offset, folder: context.folder), maxBytes: Self.snapshotBytesMax)
        }
        guard let bytes else { return nil }
        do {
            return ProducerStateTable(
                try ProducerSnapshotFile.decode(bytes), endOffset: offset, now: context.now,
                expirationMs: context.expirationMilliseconds)
        } catch {
            // What a crash left of it: an older snapshot and more of the log do.
            return nil
        }
    }
}

extension ProducerStateTable {
    /// Takes in the batches from the table's end up to `offset`.
    mutating func replay(_ segments: [LogSegment], to offset: Offset) throws(LogError) {
        for (index, segment) in segments.enumerated() where segment.baseOffset < offset {
            let end = index + 1 < segments.count ? segments[index + 1].baseOffset : offset
            guard end > self.endOffset, let first = try segment.storedBatch(atOrAfter: self.endOffset) else { continue }
            let file = try segment.openFile()
            var cursor = StoredBatchCursor(file: file, from: first.position, to: segment.size)
            while let batch = try cursor.next(), batch.lastOffset < offset {
                guard let header = batch.header else { continue }
                _ = self.update(header, end: try batch.transactionEnd(in: file))
            }
        }
        if offset > self.endOffset { self.advance(to: offset) }
    }
}

extension StoredBatch {
    /// The end of a transaction that the batch marks, or nil. Throws `corruptBatch` for a marker that cannot be read.
    func transactionEnd(in file: OpenFile) throws(LogError) -> TransactionEnd? {
        guard let header = self.header, header.isControl, header.hasProducerID else { return nil }
        let (start, count) = (self.position + RecordBatchHeader.size, self.size - RecordBatchHeader.size)
        let records = try LogError.storage { () throws(FileSystemError) in
            try file.readSlice(at: Int64(start), count: count)
        }
        do {
            return try TransactionEnd(header: header, records: records)
        } catch {
            throw LogError(.corruptBatch, "the marker at \(self.baseOffset) cannot be read: \(error)")
        }
    }
}
