package import ApusCore
import FileSystem

extension PartitionLog {
    /// Removes all records from `offset` on, and the whole batch that holds it. Returns false where the log ends before
    /// it anyway. The log then ends at `offset`, or at the start of that batch.
    ///
    /// Epochs that begin at the log's end go in either case: a leader that was deposed before it appended anything has
    /// such an epoch, which its successor does not know and which would part the two logs for ever.
    ///
    /// When it returns, the removed records are gone for good, for which the call waits for the disk: if a power loss
    /// could bring them back, they might fill the place of records that were appended later and lost.
    package func truncate(to offset: Offset) throws(LogError) -> Bool {
        precondition(offset >= 0)
        guard offset < self.logEndOffset else {
            try self.changing { () throws(LogError) in
                if self.epochs.truncate(to: self.logEndOffset) { try self.writeEpochs() }
            }
            return false
        }
        guard offset >= self.segments[0].baseOffset else {
            try self.truncateFully(startingAt: offset)
            return true
        }
        try self.changing { () throws(LogError) in
            self.truncations += 1
            // From the end, so that what a crash leaves is a front part of the log.
            var removed: [FileSlot] = []
            while self.segments.count > 1, self.active.baseOffset > offset {
                removed += try self.retire(self.segments.removeLast())
            }
            if !removed.isEmpty {
                self.deletions.append(PendingDeletion(slots: removed, due: nil))
                try LogError.storage { () throws(FileSystemError) in
                    try self.active.reopen()
                    try self.fileSystem.synchronizeDirectory(self.folder)
                }
            }
            self.logEndOffset = try self.active.truncate(to: offset)
            try LogError.storage { () throws(FileSystemError) in try self.active.log.file().synchronize() }
            try self.truncated()
        }
        return true
    }

    /// Removes everything and begins anew at `offset`: what a follower does that is too far behind, and the metadata log
    /// when a snapshot replaces it.
    ///
    /// When it returns, the old segments are gone for good and the new one exists; the call waits for the disk.
    package func truncateFully(startingAt offset: Offset, now: Timestamp = .none) throws(LogError) {
        precondition(offset >= 0)
        try self.changing { () throws(LogError) in
            self.truncations += 1
            var removed: [FileSlot] = []
            for segment in self.segments.reversed() { removed += try self.retire(segment) }
            self.deletions.append(PendingDeletion(slots: removed, due: nil))
            try self.beginSegment(at: offset, now: now)
            self.segments.removeFirst(self.segments.count - 1)
            _ = try LogError.storage { () throws(FileSystemError) in
                try self.producers.removeSnapshots(folder: self.folder, self.fileSystem) { _ in true }
            }
            try LogError.storage { () throws(FileSystemError) in
                try self.fileSystem.synchronizeDirectory(self.folder)
            }
            self.logStartOffset = offset
            self.logEndOffset = offset
            try self.truncated()
        }
    }

    /// Brings everything that follows the log's end in line with it.
    private func truncated() throws(LogError) {
        try self.lowerRecoveryPoint()
        self.logStartOffset = min(self.logStartOffset, self.logEndOffset)
        self.unflushedRecords = min(self.unflushedRecords, self.logEndOffset - self.recoveryPoint)
        if self.epochs.truncate(to: self.logEndOffset) { try self.writeEpochs() }
        try self.rebuildProducers(now: .none)
    }

    /// Moves the start of the log forward to `offset`, after records were deleted on a user's request or by retention.
    /// Returns false where it is there already. Whole segments below it go with `deleteSegments`.
    ///
    /// Changes nothing on the disk but the file of epochs, in the page cache: the start survives a crash once the log
    /// folder's checkpoint of log starts has been written. Throws `offsetOutOfRange` beyond the log's end.
    package func advanceLogStart(to offset: Offset) throws(LogError) -> Bool {
        guard offset <= self.logEndOffset else {
            throw LogError(.offsetOutOfRange, "log start \(offset) beyond log end \(self.logEndOffset)")
        }
        guard offset > self.logStartOffset else { return false }
        return try self.changing { () throws(LogError) in
            self.logStartOffset = offset
            self.producers.table.logStartAdvanced(to: offset)
            if self.epochs.truncate(before: offset) { try self.writeEpochs() }
            return true
        }
    }

    /// Renames a segment's files, so that they are no part of the log any more; returns them for a later deletion.
    func retire(_ segment: LogSegment) throws(LogError) -> [FileSlot] {
        self.isFolderChanged = true
        var retired: [FileSlot] = []
        for slot in segment.slots {
            let path = slot.path
            try LogError.storage { () throws(FileSystemError) in
                guard try self.fileSystem.attributes(path) != nil else { return }
                try slot.rename(to: path + SegmentFileName.deletedSuffix)
                retired.append(slot)
            }
            slot.close()
        }
        return retired
    }
}
