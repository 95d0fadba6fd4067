import ApusCore
import FileSystem

extension LogSegment {
    /// A segment without files, about to be made; its jitter is drawn from `random`.
    static func new(
        folder: String, baseOffset: Offset, configuration: LogConfiguration, now: Timestamp,
        random: inout SeededRandom, cache: OpenFileCache
    ) -> LogSegment {
        let jitterMax = min(configuration.segmentJitterMilliseconds, configuration.segmentMilliseconds)
        let jitter = jitterMax > 0 ? Int64.random(in: 0..<jitterMax, using: &random) : 0
        return LogSegment(
            folder: folder, baseOffset: baseOffset, size: 0, created: now, rollJitter: jitter, cache: cache)
    }

    /// What the files of a segment are worth.
    enum IndexCondition {
        case intact
        /// An index is missing or not what its segment needs: all must be built from the batches.
        case damaged
    }

    /// Takes up the files of an existing segment as closed.
    ///
    /// `sizes` are the lengths of the folder's files by name.
    func load(sizes: [String: Int64], modified: Timestamp) throws(LogError) -> IndexCondition {
        self.modified = modified
        let log = sizes[SegmentFileName.name(self.baseOffset, .log)] ?? 0
        guard let size = Int32(exactly: log) else {
            throw LogError(.corruptFile, "\(self.log.path) has \(log) bytes, more than a segment can")
        }
        self.size = Int(size)
        var condition = IndexCondition.intact
        let offsets = sizes[SegmentFileName.name(self.baseOffset, .offsetIndex)]
        let times = sizes[SegmentFileName.name(self.baseOffset, .timeIndex)]
        let (offsetSlot, timeSlot) = (self.offsetIndex.slot, self.timeIndex.slot)
        if let offsets, let times {
            self.offsetIndex = try LogError.storage { () throws(FileSystemError) in
                try SegmentIndex(closed: offsetSlot, fileSize: offsets)
            }
            self.timeIndex = try LogError.storage { () throws(FileSystemError) in
                try SegmentIndex(closed: timeSlot, fileSize: times)
            }
            if let last = self.offsetIndex.last, Int(last.position) >= self.size { condition = .damaged }
        } else if self.size > 0 {
            condition = .damaged
        }
        if let aborted = sizes[SegmentFileName.name(self.baseOffset, .transactionIndex)] {
            do {
                self.abortedTransactions = try TransactionIndex(in: self.abortedTransactions.slot, size: aborted)
            } catch {
                guard error.code == .corruptFile else { throw error }
                condition = .damaged
            }
        }
        if let last = self.timeIndex.last {
            self.maxTimestamp = MaxTimestamp(
                timestamp: last.timestamp, offset: self.baseOffset + Int64(last.relativeOffset))
        }
        return condition
    }

    /// Forgets everything that is known of the batches, and empties the indexes: their building begins.
    func resetForRebuilding() throws(FileSystemError) {
        self.size = 0
        self.maxTimestamp = MaxTimestamp(timestamp: .none, offset: .unknown)
        self.tail.removeAll()
        self.offsetIndex = try SegmentIndex(emptying: self.offsetIndex.slot)
        self.timeIndex = try SegmentIndex(emptying: self.timeIndex.slot)
        try self.abortedTransactions.truncate(to: 0)
        self.abortedTransactions = TransactionIndex(empty: self.abortedTransactions.slot)
    }

    /// Makes a loaded segment the one that is appended to.
    func reopen() throws(FileSystemError) {
        try self.offsetIndex.reopen()
        try self.timeIndex.reopen()
    }

    /// The offset after the last batch, found from the index's last entry on; throws `corruptBatch` where the file's
    /// end is no batch's end.
    func endOffset() throws(LogError) -> Offset {
        var end = self.baseOffset
        var cursor = StoredBatchCursor(
            file: try self.openFile(), from: Int(self.offsetIndex.last?.position ?? 0), to: self.size)
        while let batch = try cursor.next() {
            end = batch.lastOffset + 1
            if batch.maxTimestamp > self.maxTimestamp.timestamp {
                self.maxTimestamp = MaxTimestamp(timestamp: batch.maxTimestamp, offset: batch.lastOffset)
            }
        }
        return end
    }

    /// Cuts the segment before the batch that holds `offset`, or after the last one below it. Returns the offset after
    /// the last batch that is left, but not beyond `offset`.
    ///
    /// When it returns, the files are cut in the page cache; a power loss may undo it until they are synchronized.
    func truncate(to offset: Offset) throws(LogError) -> Offset {
        let cut = try self.batch(atOrAfter: offset)
        let endOffset = min(offset, cut?.baseOffset ?? offset)
        self.tail.removeAll(from: endOffset)
        guard let cut else { return endOffset }
        let last = self.baseOffset
        try LogError.storage { () throws(FileSystemError) in
            try self.log.file().truncate(to: Int64(cut.position))
            try self.offsetIndex.truncate { last + Int64($0.relativeOffset) < endOffset }
            try self.timeIndex.truncate { last + Int64($0.relativeOffset) < endOffset }
            try self.abortedTransactions.truncate(to: endOffset)
        }
        self.size = cut.position
        self.restartAccounting()
        _ = try self.endOffset()
        return endOffset
    }
}
