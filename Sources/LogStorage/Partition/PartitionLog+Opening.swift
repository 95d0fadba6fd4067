package import ApusCore
package import FileSystem

extension PartitionLog {
    /// What is known of a log before its folder is read.
    package struct Origin: Sendable {
        package var folder: String
        package var configuration: LogConfiguration
        /// From the log folder's checkpoint; 0 where it has none.
        package var recoveryPoint: Offset
        /// From the log folder's checkpoint; 0 where it has none.
        package var logStartOffset: Offset
        /// The folder was marked as cleanly shut down: nothing needs to be recovered.
        package var isClean: Bool
        /// Seeds the jitter of rolling by time.
        package var seed: UInt64

        package init(
            folder: String, configuration: LogConfiguration, recoveryPoint: Offset = 0, logStartOffset: Offset = 0,
            isClean: Bool = false, seed: UInt64 = 0
        ) {
            self.folder = folder
            self.configuration = configuration
            self.recoveryPoint = recoveryPoint
            self.logStartOffset = logStartOffset
            self.isClean = isClean
            self.seed = seed
        }
    }

    /// Opens the log in a folder that exists, with the files it holds; an empty folder becomes an empty log.
    ///
    /// Without a clean shutdown it reads all batches from the segment of the recovery point on, cuts the log at the first
    /// that is damaged, out of order or cut short, and builds the indexes and states that follow from them anew: then
    /// everything that a completed flush had covered is there, and nothing that was not appended.
    ///
    /// What a killed process appended may be in the page cache alone, and from now on counts as stored. Where
    /// `flush.messages` does not allow for so many unflushed records, all of it survives a power loss when this returns.
    /// Reads files and may wait for the disk, possibly for long: not for an event loop.
    package static func open(
        _ origin: Origin, cache: OpenFileCache, now: Timestamp
    ) throws(LogError) -> sending PartitionLog {
        var opener = LogOpener(origin: origin, cache: cache, now: now)
        let log = try opener.open()
        if !origin.isClean { log.unflushedRecords = log.logEndOffset - log.recoveryPoint }
        if log.isFlushDue { try log.flush() }
        return log
    }
}

extension PartitionLog {
    /// Ends the opening: the producers' states become those at the log's end, and snapshots that say nothing that
    /// another or the log does not say go.
    func settleProducers(isCurrent: Bool, now: Timestamp) throws(LogError) {
        let (end, bases) = (self.logEndOffset, Set(self.segments.map(\.baseOffset)))
        let newest = self.producers.snapshots.last { $0 <= end }
        _ = try LogError.storage { () throws(FileSystemError) in
            try self.producers.removeSnapshots(folder: self.folder, self.fileSystem) {
                $0 < end && $0 != newest && !bases.contains($0)
            }
        }
        if isCurrent, self.producers.table.endOffset == end, self.producers.snapshots.last ?? end <= end { return }
        try self.rebuildProducers(now: now)
    }
}
