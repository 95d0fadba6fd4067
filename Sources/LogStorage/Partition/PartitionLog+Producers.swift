package import ApusCore
import FileSystem

extension PartitionLog {
    /// What is known of the log's producers.
    package var producerStates: ProducerStateTable { self.producers.table }

    /// The end of what a reader of committed records may see: the first transaction that is undecided, or whose marker is
    /// not replicated, or the high watermark. The table learns of that through `highWatermarkAdvanced`.
    package func lastStableOffset(highWatermark: Offset) -> Offset {
        guard let unstable = self.producers.table.firstUnstableOffset else { return highWatermark }
        return min(highWatermark, max(unstable, self.logStartOffset))
    }

    /// Notes that all records below `highWatermark` are replicated: transactions that ended there are stable.
    package func highWatermarkAdvanced(to highWatermark: Offset) {
        self.producers.table.highWatermarkAdvanced(to: highWatermark)
    }

    /// Forgets the producers that have been idle for `producer.id.expiration.ms`.
    package func removeExpiredProducers(now: Timestamp) {
        self.producers.table.removeExpired(
            now: now, expirationMs: self.configuration.producerIDExpirationMilliseconds)
    }

    /// Brings the producers' states back to the log's end after records were removed. A snapshot beyond it is gone for
    /// good when this returns, for which it waits for the disk if there was one.
    func rebuildProducers(now: Timestamp) throws(LogError) {
        let end = self.logEndOffset
        try LogError.storage { () throws(FileSystemError) in
            if try self.producers.removeSnapshots(folder: self.folder, self.fileSystem, where: { $0 > end }) {
                try self.fileSystem.synchronizeDirectory(self.folder)
            }
        }
        try self.producers.rebuild(
            to: end, segments: self.segments,
            context: ProducerStates.ReplayContext(
                folder: self.folder, fileSystem: self.fileSystem, logStartOffset: self.logStartOffset, now: now,
                expirationMilliseconds: self.configuration.producerIDExpirationMilliseconds))
    }
}
