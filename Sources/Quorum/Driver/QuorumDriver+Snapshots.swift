package import ApusCore
import KafkaRecords
package import LogStorage
import Raft

/// Snapshots of this node's own, and the removal of what they make superfluous.
extension QuorumDriver {
    func askForSnapshot() {
        guard !self.isSnapshotPending, self.appliedOffset > self.log.latestSnapshot?.offset ?? 0 else { return }
        let interval = self.configuration.snapshotInterval
        let isOld = interval > .zero && self.port.now >= self.lastSnapshotAt + interval
        guard isOld || self.appliedBytes >= self.configuration.snapshotBytes else { return }
        self.isSnapshotPending = true
        self.lastSnapshotAt = self.port.now
        self.appliedBytes = 0
        self.port.snapshotIsDue(self.snapshotID, lastContainedTimestamp: self.appliedTimestamp)
    }

    /// What a snapshot of all that was committed so far is called.
    package var snapshotID: SnapshotID {
        SnapshotID(offset: self.appliedOffset, epoch: self.raft.log.epoch(before: self.appliedOffset))
    }

    /// Begins the snapshot that `snapshotIsDue` asked for.
    package func beginSnapshot(
        _ id: SnapshotID, lastContainedTimestamp: Timestamp
    ) throws(QuorumError) -> MetadataSnapshotWriter {
        try self.planSnapshot(id, lastContainedTimestamp: lastContainedTimestamp).begin()
    }

    /// What it takes to write the snapshot that `snapshotIsDue` asked for, on any thread.
    package func planSnapshot(_ id: SnapshotID, lastContainedTimestamp: Timestamp) -> MetadataSnapshotPlan {
        MetadataSnapshotPlan(
            id: id, place: self.log.snapshotPlace, lastContainedTimestamp: lastContainedTimestamp,
            timestamp: self.port.wallClock)
    }

    /// The snapshot is on the disk.
    package func snapshotFinished(_ id: SnapshotID) {
        self.work { (driver) throws(QuorumError) in
            driver.isSnapshotPending = false
            driver.log.finished(id)
            driver.raft.snapshotCreated(OffsetAndEpoch(id))
            try driver.clean()
        }
    }

    /// The snapshot could not be made; it is asked for again when the next one would be due.
    package func snapshotAbandoned(_ id: SnapshotID) {
        self.isSnapshotPending = false
    }

    /// Removes the oldest snapshots, and the records up to the next one, while they are too large or too old. Then hands
    /// out the files whose time has come; to be called now and then.
    package func housekeep() {
        self.work { (driver) throws(QuorumError) in try driver.clean() }
    }

    private func clean() throws(QuorumError) {
        while self.log.snapshots.count >= 2, try self.isOldestSuperfluous() {
            let next = self.log.snapshots[1]
            let hasMoved = try self.stored { () throws(LogError) in
                try self.log.deleteBefore(next, now: self.port.wallClock)
            }
            guard hasMoved else { break }
            self.raft.logStartAdvanced(to: next.offset)
        }
        if let files = self.log.log.takeRemovableFiles(now: self.port.now) { self.port.remove(files) }
    }

    private func isOldestSuperfluous() throws(QuorumError) -> Bool {
        let size = try self.stored { () throws(LogError) in
            var size = self.log.log.size
            for id in self.log.snapshots { size += try self.log.size(of: id) ?? 0 }
            return size
        }
        if self.configuration.retentionBytes >= 0, size > self.configuration.retentionBytes { return true }
        guard self.configuration.retentionMilliseconds >= 0 else { return false }
        let timestamp = try MetadataSnapshot(id: self.log.snapshots[0], log: self.log).lastContainedTimestamp()
        guard let timestamp else { return false }
        return self.port.wallClock - timestamp > self.configuration.retentionMilliseconds
    }
}
