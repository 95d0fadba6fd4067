import ApusCore
import KafkaRecords
import LogStorage
import Replication

/// What a log's checkpoints say of it.
struct PartitionCheckpoint: Equatable, Sendable {
    var recoveryPoint: Offset
    var highWatermark: Offset
    var logStartOffset: Offset
}

extension Partition {
    /// How produced batches are checked.
    var validator: BatchValidator { self.withState { $0.policy.validation } }

    var checkpoint: PartitionCheckpoint {
        self.withState { state in
            PartitionCheckpoint(
                recoveryPoint: state.log.recoveryPoint, highWatermark: state.replica.highWatermark,
                logStartOffset: state.log.logStartOffset)
        }
    }

    /// Brings everything appended so far to the disk. The lock is held only before and after the wait.
    ///
    /// When it returns, what the log held when it was called survives a power loss. When it throws, the log refuses
    /// every further change.
    func flush() throws(LogError) {
        guard let ticket = try self.withState({ (state) throws(LogError) in try state.log.prepareFlush() }) else {
            return
        }
        do {
            try ticket.perform()
        } catch {
            self.withState { $0.log.fail() }
            throw error
        }
        self.withState { $0.log.completeFlush(ticket) }
    }

    /// Removes segments that have outlived their time, their log's size or its start, and rolls one that is too old.
    ///
    /// - Returns: how many segments went, and what to do without the lock.
    func retain(now: Instant, time: Timestamp, effects: inout ReplicaEffects) throws(LogError) -> RetentionResult {
        try self.withState { (state) throws(LogError) in
            var result = RetentionResult()
            result.hasRolled = try state.log.rollIfAged(now: time)
            result.deletedSegments = state.log.expiredSegmentCount(
                now: time, highWatermark: state.replica.highWatermark)
            if result.deletedSegments > 0 {
                try state.log.deleteSegments(result.deletedSegments, now: time)
                state.replica.logStartAdvanced(to: state.log.logStartOffset, effects: &effects)
            }
            result.removable = state.log.takeRemovableFiles(now: now)
            return result
        }
    }

    /// Flushes and closes the log for good, as a clean shutdown or a deletion does. Waits for the disk.
    func close() throws(LogError) {
        try self.withState { (state) throws(LogError) in try state.log.close() }
    }

    var size: Int64 { self.withState { $0.log.size } }

    /// Gives the log's folder the name of another state.
    func rename(
        _ folder: PartitionFolder, to newState: PartitionFolder.State, id: KafkaUUID, in directory: LogDirectory
    ) throws(LogError) -> PartitionFolder {
        try self.withState { (state) throws(LogError) in
            try directory.rename(folder, to: newState, id: id, log: state.log)
        }
    }
}

/// What retention did to one log.
struct RetentionResult: Sendable {
    var deletedSegments = 0
    var hasRolled = false
    var removable: RemovableFiles?
}
