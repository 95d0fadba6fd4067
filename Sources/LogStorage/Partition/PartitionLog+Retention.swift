package import ApusCore
import FileSystem

/// Files that are no part of a log any more, and whose delay has passed.
package struct RemovableFiles: Sendable {
    let slots: [FileSlot]
    let fileSystem: FileSystemPort

    /// Removes the files; responses that are still being sent from them go on. To be run by an I/O thread, without the
    /// log's lock. What is left by a crash is removed at the next opening.
    package func perform() throws(LogError) {
        try LogError.storage { () throws(FileSystemError) in
            for slot in self.slots { try self.fileSystem.removeIfPresent(slot.path) }
        }
    }
}

extension PartitionLog {
    /// How many of the oldest segments have outlived the log's start, its size or its time; none that holds a record at
    /// or above `highWatermark`, and the last one only if it holds records.
    ///
    /// Size and time count only under `cleanup.policy=delete`. Decides only; `deleteSegments` does it.
    package func expiredSegmentCount(now: Timestamp, highWatermark: Offset) -> Int {
        var count = self.segmentCountBelowStart(highWatermark: highWatermark)
        func extend(while isExpired: (LogSegment) -> Bool) {
            while count < self.segments.count {
                let segment = self.segments[count]
                let isLast = count + 1 == self.segments.count
                guard isExpired(segment), self.endOffset(ofSegment: count) <= highWatermark, !isLast || segment.size > 0
                else { return }
                count += 1
            }
        }
        guard self.configuration.cleanupPolicy.contains(.delete) else { return count }
        if self.configuration.retentionBytes >= 0 {
            var excess = self.segments[count...].reduce(0) { $0 + Int64($1.size) } - self.configuration.retentionBytes
            extend { segment in
                guard excess >= Int64(segment.size) else { return false }
                excess -= Int64(segment.size)
                return true
            }
        }
        if self.configuration.retentionMilliseconds >= 0 {
            extend { segment in now - segment.newestTime > self.configuration.retentionMilliseconds }
        }
        return count
    }

    /// How many of the oldest segments lie wholly below the log's start and below `highWatermark`.
    package func segmentCountBelowStart(highWatermark: Offset) -> Int {
        let limit = min(self.logStartOffset, highWatermark)
        var count = 0
        while count + 1 < self.segments.count, self.segments[count + 1].baseOffset <= limit { count += 1 }
        return count
    }

    /// Takes the `count` oldest segments out of the log, and moves its start to the first that is left. Where that is
    /// all of them, an empty one is begun first.
    ///
    /// When it returns, the files bear names that no opening takes for a log's. A power loss may bring the segments
    /// back; the checkpoint of log starts then keeps them from being read. The files go with `takeRemovableFiles`.
    package func deleteSegments(_ count: Int, now: Timestamp) throws(LogError) {
        precondition(count >= 0 && count <= self.segments.count)
        guard count > 0 else { return }
        try self.changing { () throws(LogError) in
            if count == self.segments.count { try self.roll(at: self.logEndOffset, now: now) }
            let start = self.segments[count].baseOffset
            if start > self.logStartOffset {
                self.logStartOffset = start
                self.producers.table.logStartAdvanced(to: start)
                if self.epochs.truncate(before: start) { try self.writeEpochs() }
            }
            var removed: [FileSlot] = []
            for segment in self.segments[..<count] { removed += try self.retire(segment) }
            self.segments.removeFirst(count)
            _ = try LogError.storage { () throws(FileSystemError) in
                try self.producers.removeSnapshots(folder: self.folder, self.fileSystem) { $0 < start }
            }
            self.deletions.append(PendingDeletion(slots: removed, due: nil))
            self.recoveryPoint = max(self.recoveryPoint, min(start, self.logEndOffset))
        }
    }

    /// The removed files whose `file.delete.delay.ms` has passed; the delay begins at the first call after the removal.
    package func takeRemovableFiles(now: Instant) -> RemovableFiles? {
        var removable: [FileSlot] = []
        for index in self.deletions.indices {
            let due = self.deletions[index].due ?? now + self.configuration.fileDeleteDelay
            self.deletions[index].due = due
            if due <= now { removable += self.deletions[index].slots }
        }
        self.deletions.removeAll { ($0.due ?? .distantFuture) <= now }
        return removable.isEmpty ? nil : RemovableFiles(slots: removable, fileSystem: self.fileSystem)
    }

    /// Whether there are removed files that wait for their delay.
    package var hasPendingDeletions: Bool { !self.deletions.isEmpty }

    /// Closes the active segment if it holds records and its time (`segment.ms`) has passed by `now`, though nothing is
    /// appended. Returns whether it did; then a flush should follow. Durability as for an append that rolls.
    package func rollIfAged(now: Timestamp) throws(LogError) -> Bool {
        guard self.active.isAged(now: now, configuration: self.configuration) else { return false }
        try self.changing { () throws(LogError) in try self.roll(at: self.logEndOffset, now: now) }
        return true
    }
}
