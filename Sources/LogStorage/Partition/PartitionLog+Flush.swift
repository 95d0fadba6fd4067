package import ApusCore
import FileSystem
import Glibc

/// What must reach the disk for a log to be durable up to an offset. Made under the log's lock, performed by an I/O
/// thread without it, and given back under it.
package struct FlushTicket: Sendable {
    /// The log is durable up to here once the ticket has been performed and given back.
    package let endOffset: Offset
    let truncations: Int
    let files: [FileSlot]
    /// Small files that were replaced without waiting.
    let paths: [String]
    let folder: String?
    /// The folder that holds a new folder.
    let parent: String?
    let fileSystem: FileSystemPort

    /// Waits until the files, and then the names of new ones, are on the disk.
    ///
    /// Throws `storage` where any part failed; then nothing is known of the unflushed records, and the log must be given
    /// up (`PartitionLog.fail`), for a second try would prove nothing.
    package func perform() throws(LogError) {
        for file in self.files {
            try Self.unlessRemoved { () throws(FileSystemError) in try file.file().synchronize() }
        }
        for path in self.paths {
            try Self.unlessRemoved { () throws(FileSystemError) in
                try self.fileSystem.open(path, .readWrite).synchronize()
            }
        }
        for folder in [self.folder, self.parent].compactMap(\.self) {
            try Self.unlessRemoved { () throws(FileSystemError) in try self.fileSystem.synchronizeDirectory(folder) }
        }
    }

    /// Segments, snapshots or the whole partition may be deleted while the ticket waits; what is gone need not last.
    private static func unlessRemoved(_ body: () throws(FileSystemError) -> Void) throws(LogError) {
        do {
            try body()
        } catch {
            guard error.errno == ENOENT else { throw LogError(error) }
        }
    }
}

extension PartitionLog {
    /// Whether `flush.messages` asks for a flush now.
    package var isFlushDue: Bool { self.unflushedRecords >= self.configuration.flushMessages }

    /// Makes the ticket for a flush of everything up to the log's end, or nil where all is durable.
    ///
    /// Puts index entries that are in memory only into the page cache; waits for nothing. Until `completeFlush` the
    /// recovery point stays; several tickets may be under way.
    package func prepareFlush() throws(LogError) -> FlushTicket? {
        guard
            self.recoveryPoint < self.logEndOffset || self.isFolderChanged || self.areEpochsChanged || self.isFolderNew
        else {
            return nil
        }
        return try self.changing { () throws(LogError) in
            try self.forgetLoweredRecoveryPoint()
            let first = self.segmentIndex(for: self.recoveryPoint) ?? 0
            var files: [FileSlot] = []
            for segment in self.segments[first...] {
                try LogError.storage { () throws(FileSystemError) in
                    try segment.offsetIndex.write()
                    try segment.timeIndex.write()
                }
                files += [segment.log, segment.offsetIndex.slot, segment.timeIndex.slot]
                if !segment.abortedTransactions.entries.isEmpty { files.append(segment.abortedTransactions.slot) }
            }
            var paths = self.producers.takeUnsynchronized(folder: self.folder)
            if self.areEpochsChanged { paths.append("\(self.folder)/\(LeaderEpochCheckpoint.name)") }
            if self.isFolderNew { paths.append("\(self.folder)/\(PartitionMetadata.name)") }
            // Indexes may have been made just now, so the names are synchronized with the first flush of a segment.
            let ticket = FlushTicket(
                endOffset: self.logEndOffset, truncations: self.truncations, files: files, paths: paths,
                folder: self.isFolderChanged ? self.folder : nil,
                parent: self.isFolderNew ? FileSystemPort.parent(of: self.folder) : nil, fileSystem: self.fileSystem)
            self.isFolderChanged = false
            self.isFolderNew = false
            self.areEpochsChanged = false
            self.unflushedRecords = 0
            return ticket
        }
    }

    /// Notes that a ticket has been performed: what it covers survives a power loss. A ticket from before a truncation
    /// counts for nothing.
    package func completeFlush(_ ticket: FlushTicket) {
        guard ticket.truncations == self.truncations else { return }
        self.recoveryPoint = max(self.recoveryPoint, min(ticket.endOffset, self.logEndOffset))
    }

    /// Notes that a flush has failed: the log refuses every further change.
    package func fail() {
        self.isFailed = true
    }

    /// Flushes everything, waiting for the disk. When it returns, every record survives a power loss.
    package func flush() throws(LogError) {
        guard let ticket = try self.prepareFlush() else { return }
        do {
            try ticket.perform()
        } catch {
            self.isFailed = true
            throw error
        }
        self.completeFlush(ticket)
    }

    /// Flushes everything and leaves the files as a clean shutdown does: indexes cut to their entries, a snapshot of the
    /// producers at the log's end. The log must not be used afterwards, except to be opened anew.
    ///
    /// Waits for the disk. When it returns, all of it survives a power loss; once the folder's mark of a clean shutdown is
    /// written, the next opening reads no batches.
    package func close() throws(LogError) {
        try self.changing { () throws(LogError) in
            try LogError.storage { () throws(FileSystemError) in
                try self.active.close()
                try self.producers.writeSnapshot(at: self.logEndOffset, folder: self.folder, self.fileSystem)
            }
            self.isFolderChanged = true
        }
        try self.flush()
        self.isFailed = true
        for segment in self.segments {
            for slot in segment.slots { slot.close() }
        }
    }
}
