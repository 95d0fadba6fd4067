import ApusCore
import FileSystem
import KafkaPrimitives
import KafkaRecords

/// One segment of a log: the file of batches from its base offset on, and the indexes into it.
///
/// Owned by its `PartitionLog`, under whose lock it lies. The last segment of a log is appended to; the others are
/// closed and never change but by truncation, compaction or deletion.
final class LogSegment {
    /// The offset in the files' names; no record in the segment has a smaller one.
    let baseOffset: Offset
    let log: FileSlot
    var offsetIndex: SegmentIndex<OffsetIndexEntry>
    var timeIndex: SegmentIndex<TimeIndexEntry>
    var abortedTransactions: TransactionIndex
    /// Length of the file of batches in bytes.
    var size: Int
    /// The largest timestamp so far, and the last offset of its batch; `none` where no batch has one.
    var maxTimestamp = MaxTimestamp(timestamp: .none, offset: .unknown)
    /// Bytes appended since the last index entry.
    private var bytesSinceIndexEntry = 0
    /// The timestamp of the first batch: rolling by time counts from it. Read when first needed.
    private var firstTimestamp: Timestamp?
    /// When the segment was made or opened: what rolling counts from where the first batch has no timestamp.
    let created: Timestamp
    /// Taken off `segment.ms` for this segment.
    let rollJitter: Int64
    /// When the file was last changed before it was opened; retention goes by it where no record has a timestamp.
    var modified: Timestamp
    var tail = TailPositions()

    struct MaxTimestamp: Hashable, Sendable {
        var timestamp: Timestamp
        var offset: Offset
    }

    init(folder: String, baseOffset: Offset, size: Int, created: Timestamp, rollJitter: Int64, cache: OpenFileCache) {
        func slot(_ kind: SegmentFileName.Kind) -> FileSlot {
            FileSlot(path: "\(folder)/\(SegmentFileName.name(baseOffset, kind))", cache: cache)
        }
        self.baseOffset = baseOffset
        self.log = slot(.log)
        self.offsetIndex = SegmentIndex(empty: slot(.offsetIndex))
        self.timeIndex = SegmentIndex(empty: slot(.timeIndex))
        self.abortedTransactions = TransactionIndex(empty: slot(.transactionIndex))
        self.size = size
        self.created = created
        self.modified = created
        self.rollJitter = rollJitter
    }

    /// The relative form of `offset`, or nil where it does not fit the indexes.
    func relative(_ offset: Offset) -> Int32? {
        let difference = offset.rawValue.subtractingReportingOverflow(self.baseOffset.rawValue)
        guard !difference.overflow, difference.partialValue >= 0 else { return nil }
        return Int32(exactly: difference.partialValue)
    }

    // MARK: Appending

    /// Notes a batch that has been written at the end of the file, and adds the index entries that are due.
    func appended(_ header: RecordBatchHeader, configuration: LogConfiguration) throws(FileSystemError) {
        try self.appended(StoredBatch(header, position: self.size), configuration: configuration)
    }

    /// Notes a batch that lies at the end of what is known of the file; recovery uses it too.
    func appended(_ batch: StoredBatch, configuration: LogConfiguration) throws(FileSystemError) {
        precondition(batch.position == self.size, "batches lie one after the other")
        guard let relativeOffset = self.relative(batch.lastOffset), let position = Int32(exactly: self.size),
            let size = Int32(exactly: batch.size)
        else { preconditionFailure("the roll comes before an offset or position that does not fit") }
        if batch.maxTimestamp > self.maxTimestamp.timestamp {
            self.maxTimestamp = MaxTimestamp(timestamp: batch.maxTimestamp, offset: batch.lastOffset)
        }
        if self.bytesSinceIndexEntry > configuration.indexIntervalBytes, self.size > 0 {
            try self.offsetIndex.append(OffsetIndexEntry(relativeOffset: relativeOffset, position: position))
            try self.indexMaxTimestamp()
            self.bytesSinceIndexEntry = 0
        }
        if self.size == 0 { self.firstTimestamp = batch.maxTimestamp }
        self.tail.append(
            TailPositions.Place(
                baseOffset: batch.baseOffset, lastOffset: batch.lastOffset, position: position, size: size))
        self.bytesSinceIndexEntry += batch.size
        self.size += batch.size
    }

    /// Adds the largest timestamp so far to the time index if it is not there.
    func indexMaxTimestamp() throws(FileSystemError) {
        guard self.maxTimestamp.timestamp > self.timeIndex.last?.timestamp ?? .none,
            let relativeOffset = self.relative(self.maxTimestamp.offset)
        else { return }
        let entry = TimeIndexEntry(timestamp: self.maxTimestamp.timestamp, relativeOffset: relativeOffset)
        guard self.timeIndex.last.map({ entry.follows($0) }) ?? entry.mayBeFirst else { return }
        try self.timeIndex.append(entry)
    }

    /// Whether a new segment must begin before a batch is appended.
    func mustRoll(
        before batch: RecordBatchHeader, size: Int, now: Timestamp, configuration: LogConfiguration
    ) throws(LogError) -> Bool {
        guard self.relative(batch.lastOffset) != nil, self.size + size <= Int(Int32.max) else { return true }
        guard self.size > 0 else { return false }
        if self.size > configuration.segmentBytes - size { return true }
        let indexBytes = configuration.segmentIndexBytes
        if self.offsetIndex.count >= indexBytes / OffsetIndexEntry.size { return true }
        // One place is left for the entry that closing adds.
        if self.timeIndex.count + 1 >= indexBytes / TimeIndexEntry.size { return true }
        let first = try self.timestampOfFirstBatch()
        let age = first >= 0 ? batch.maxTimestamp - first : now - self.created
        return age > configuration.segmentMilliseconds - self.rollJitter
    }

    /// Whether the segment holds records and was begun, by the broker's clock, too long before `now`. The records' own
    /// times do not count here: a topic of old records would be cut into a segment for every look at it.
    func isAged(now: Timestamp, configuration: LogConfiguration) -> Bool {
        self.size > 0 && now - self.created > configuration.segmentMilliseconds - self.rollJitter
    }

    /// The time of the newest record; of the file's last change where no record has one.
    var newestTime: Timestamp {
        self.maxTimestamp.timestamp >= 0 ? self.maxTimestamp.timestamp : self.modified
    }

    /// The largest timestamp of the first batch, or `none`.
    private func timestampOfFirstBatch() throws(LogError) -> Timestamp {
        if let known = self.firstTimestamp { return known }
        guard self.size > 0 else { return .none }
        var cursor = StoredBatchCursor(file: try self.openFile(), from: 0, to: self.size)
        let timestamp = try cursor.next()?.maxTimestamp ?? .none
        self.firstTimestamp = timestamp
        return timestamp
    }

    func openFile() throws(LogError) -> OpenFile {
        try LogError.storage { () throws(FileSystemError) in try self.log.file() }
    }

    /// Counts anew towards the next index entry, and looks at the first batch again when its time is needed.
    func restartAccounting() {
        self.bytesSinceIndexEntry = 0
        self.firstTimestamp = nil
        let last = self.timeIndex.last
        self.maxTimestamp = MaxTimestamp(
            timestamp: last?.timestamp ?? .none,
            offset: last.map { self.baseOffset + Int64($0.relativeOffset) } ?? .unknown)
    }

    // MARK: Closing

    /// Ends the appending: the indexes are completed, cut and freed from memory.
    ///
    /// When it returns, all of the segment is in the page cache; it survives a power loss once its files are
    /// synchronized.
    func close() throws(FileSystemError) {
        try self.indexMaxTimestamp()
        try self.offsetIndex.close()
        try self.timeIndex.close()
        self.tail.removeAll()
    }

    /// The slots of all files that may exist.
    var slots: [FileSlot] {
        [self.log, self.offsetIndex.slot, self.timeIndex.slot, self.abortedTransactions.slot]
    }
}
