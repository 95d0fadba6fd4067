import ApusCore
import FileSystem
import KafkaRecords

extension LogOpener {
    /// Reads the segments that need it, from the first to the last, and cuts the log at the first damage.
    mutating func recover(damaged: Set<Int>, areEpochsLost: Bool) throws(LogError) {
        let unflushed = self.segments.lastIndex { $0.baseOffset <= self.origin.recoveryPoint } ?? 0
        for index in self.segments.indices {
            let isUnflushed = !self.origin.isClean && index >= unflushed
            guard isUnflushed || damaged.contains(index) || areEpochsLost else { continue }
            if isUnflushed, index > unflushed, try !self.isContinued(at: index) {
                try self.removeSegments(from: index)
                return
            }
            // The batches know better than a file that may be newer or older than they are.
            if isUnflushed, index == unflushed { _ = self.epochs.truncate(to: self.segments[index].baseOffset) }
            if try self.recover(self.segments[index]) { continue }
            // Behind a gap nothing can be trusted; from the end, so that a crash now leaves no gap either.
            try self.removeSegments(from: index + 1)
            return
        }
    }

    /// Removes the segments from `index` on, for good.
    mutating func removeSegments(from index: Int) throws(LogError) {
        guard index < self.segments.count else { return }
        while self.segments.count > index { try self.remove(self.segments.removeLast()) }
        try LogError.storage { () throws(FileSystemError) in try self.fileSystem.synchronizeDirectory(self.folder) }
    }

    /// Whether the segment at `index` begins where the one before it ends. A power loss may have taken whole batches off
    /// the end of that one, without a trace in the file; for this reason `roll` leaves no gap between segments.
    private func isContinued(at index: Int) throws(LogError) -> Bool {
        let (before, segment) = (self.segments[index - 1], self.segments[index])
        if before.relative(segment.baseOffset) == nil { return true }
        return try before.endOffset() == segment.baseOffset
    }

    /// Builds everything that follows from a segment's batches anew; returns whether all of the file was whole.
    private mutating func recover(_ segment: LogSegment) throws(LogError) -> Bool {
        let fileSize = segment.size
        try self.prepareTable(for: segment)
        try LogError.storage { () throws(FileSystemError) in try segment.resetForRebuilding() }
        let file = try segment.openFile()
        var cursor = StoredBatchCursor(file: file, from: 0, to: fileSize)
        var expected = segment.baseOffset
        while let batch = try self.nextSound(&cursor, expected: expected, in: segment, file),
            try self.takeIn(batch, segment, file)
        {
            if batch.leaderEpoch >= 0, batch.leaderEpoch > self.epochs.latest ?? .unknown {
                _ = self.epochs.assign(batch.leaderEpoch, at: batch.baseOffset)
            }
            try LogError.storage { () throws(FileSystemError) in
                try segment.appended(batch, configuration: self.origin.configuration)
            }
            self.latestEpoch = max(self.latestEpoch, batch.leaderEpoch)
            expected = batch.lastOffset + 1
        }
        if expected > self.producers.table.endOffset { self.producers.table.advance(to: expected) }
        try LogError.storage { () throws(FileSystemError) in
            if segment.size < fileSize {
                // For good, before anything is appended: what is cut off must not come back behind it.
                try file.truncate(to: Int64(segment.size))
                try file.synchronize()
            }
            try segment.close()
        }
        return segment.size == fileSize
    }

    /// The next batch, or nil where none follows that is what was written and continues the log.
    ///
    /// A cut cannot be taken back: what seems to be damaged is read once more, for what a read returns may be wrong where
    /// the file is right.
    private func nextSound(
        _ cursor: inout StoredBatchCursor, expected: Offset, in segment: LogSegment, _ file: OpenFile
    ) throws(LogError) -> StoredBatch? {
        let position = cursor.position
        for isReadAgain in [false, true] where position < cursor.endPosition {
            if isReadAgain { cursor = StoredBatchCursor(file: file, from: position, to: cursor.endPosition) }
            do {
                if let batch = try cursor.next(), try self.isSound(batch, expected: expected, in: segment, file) {
                    return batch
                }
            } catch {
                guard error.code == .corruptBatch else { throw error }
            }
        }
        return nil
    }

    /// Whether a batch is what was written and continues the log.
    private func isSound(
        _ batch: StoredBatch, expected: Offset, in segment: LogSegment, _ file: OpenFile
    ) throws(LogError) -> Bool {
        guard batch.baseOffset >= expected, segment.relative(batch.lastOffset) != nil else { return false }
        guard batch.baseOffset == expected || self.mayLeaveGap(batch, expected: expected) else { return false }
        // Bytes from before a truncation that a power loss has undone may be whole, but are of an older leader.
        guard batch.leaderEpoch < 0 || batch.leaderEpoch >= self.latestEpoch else { return false }
        return try batch.hasValidChecksum(in: file)
    }

    /// Whether something else than a disk that wrote to the wrong place can have left out what lies before a batch.
    private func mayLeaveGap(_ batch: StoredBatch, expected: Offset) -> Bool {
        self.origin.isClean || expected < self.origin.recoveryPoint || batch.header == nil
            || self.origin.configuration.cleanupPolicy.contains(.compact)
    }

    /// Lets the producers' table account for everything below a segment that is about to be read.
    private mutating func prepareTable(for segment: LogSegment) throws(LogError) {
        if self.isTableCurrent, self.producers.table.endOffset == segment.baseOffset { return }
        try self.producers.rebuild(
            to: segment.baseOffset, segments: self.segments.filter { $0.baseOffset < segment.baseOffset },
            context: ProducerStates.ReplayContext(
                folder: self.folder, fileSystem: self.fileSystem, logStartOffset: self.origin.logStartOffset,
                now: self.now, expirationMilliseconds: self.origin.configuration.producerIDExpirationMilliseconds))
        self.isTableCurrent = true
    }

    /// Lets the producers' table take in a batch; returns whether it could be understood.
    private mutating func takeIn(
        _ batch: StoredBatch, _ segment: LogSegment, _ file: OpenFile
    ) throws(LogError) -> Bool {
        guard let header = batch.header, header.hasProducerID else { return true }
        let end: TransactionEnd?
        do {
            end = try batch.transactionEnd(in: file)
        } catch {
            guard error.code == .corruptBatch else { throw error }
            return false
        }
        if let aborted = self.producers.table.update(header, end: end) {
            try LogError.storage { () throws(FileSystemError) in try segment.abortedTransactions.append(aborted) }
        }
        return true
    }
}
