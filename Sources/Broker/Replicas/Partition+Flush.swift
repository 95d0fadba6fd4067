package import ApusCore
package import LogStorage
package import Replication

/// Durability before acknowledgement, as `flush.messages` asks for it.
///
/// An append that makes the count full leaves a debt (`FlushDebt`): until it is paid the records are not acknowledged,
/// with `acks=1` as with `acks=all`, nor does a follower's next fetch acknowledge them to its leader. One flush pays for
/// everything that was appended before it began, so a busy partition flushes once for many requests. With
/// `flush.messages=1` every acknowledged record therefore survives a power loss of all in-sync replicas at once.
extension Partition {
    /// Whether records were appended since the last flush began.
    var hasUnflushedRecords: Bool { self.withState { $0.log.unflushedRecords > 0 } }

    /// Flushes what is owed, and lets those go on who waited for it. Waits for the disk.
    ///
    /// - Returns: whether there is new debt, from appends made meanwhile.
    package func payFlushDebt(now: Instant, effects: inout ReplicaEffects) throws(LogError) -> Bool {
        try self.flush()
        return self.withState { state in
            state.replica.flushed(upTo: state.log.recoveryPoint, now: now, effects: &effects)
            let isOwed = state.replica.flushDebt != nil
            if !isOwed { state.isPayingFlushDebt = false }
            return isOwed
        }
    }

    /// Registers an append with `acks=1` that waits for the flush; exactly one completion comes through `effects`, now or
    /// later.
    package func awaitFlush(_ waiter: AppendWaiter, requiredOffset: Offset, effects: inout ReplicaEffects) {
        self.withState { state in
            state.replica.awaitFlush(
                waiter.id, requiredOffset: requiredOffset, deadline: waiter.deadline, effects: &effects)
        }
    }
}

extension Partition.State {
    /// Notes a debt where `flush.messages` asks for a flush of what was just appended; before the replica is told of it.
    ///
    /// - Returns: whether nobody is paying debts yet.
    mutating func noteFlushDebt() -> Bool {
        guard self.log.isFlushDue else { return false }
        self.replica.flushOwed(upTo: self.log.logEndOffset)
        defer { self.isPayingFlushDebt = true }
        return !self.isPayingFlushDebt
    }
}
