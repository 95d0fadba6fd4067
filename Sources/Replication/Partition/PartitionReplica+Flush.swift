package import ApusCore

/// What a topic's `flush.messages` asks to be on the disk before it is acknowledged, and is not yet.
package struct FlushDebt: Equatable, Sendable {
    /// Nothing from here on is acknowledged, and the high watermark does not pass it.
    package var durableEnd: Offset
    /// The debt is paid when the log is durable up to here.
    package var endOffset: Offset

    package init(durableEnd: Offset, endOffset: Offset) {
        self.durableEnd = durableEnd
        self.endOffset = endOffset
    }
}

extension PartitionReplica {
    /// An append that ends at `endOffset` calls for a flush; told before `appended`.
    ///
    /// Until `flushed` reaches it, this replica does not count itself among those that have what was appended: nobody is
    /// told of it as committed, however many others have it.
    package mutating func flushOwed(upTo endOffset: Offset) {
        precondition(endOffset >= self.log.endOffset, "a flush of what was flushed before")
        self.flushDebt = FlushDebt(
            durableEnd: self.flushDebt?.durableEnd ?? self.log.endOffset, endOffset: endOffset)
    }

    /// The log is durable up to `endOffset`: what waited for that goes on.
    package mutating func flushed(upTo endOffset: Offset, now: Instant, effects: inout ReplicaEffects) {
        guard let debt = self.flushDebt else { return }
        self.flushDebt =
            endOffset >= debt.endOffset
            ? nil : FlushDebt(durableEnd: max(debt.durableEnd, endOffset), endOffset: debt.endOffset)
        self.flushWaiters.complete(
            upTo: self.flushDebt?.durableEnd ?? debt.endOffset, error: .noError, into: &effects.completedProduces)
        if let leader = self.leaderRole { self.advanceHighWatermark(leader, now: now, effects: &effects) }
    }

    /// Whether an append that ends at `endOffset` is not durable although it has to be.
    package func isFlushOwed(upTo endOffset: Offset) -> Bool {
        self.flushDebt.map { endOffset > $0.durableEnd } ?? false
    }

    /// An append with `acks=1` waits until the log is durable up to `requiredOffset`; answered by exactly one
    /// `ProduceCompletion`, perhaps at once, as `awaitReplication` is.
    package mutating func awaitFlush(
        _ waiter: ProduceWaiterID, requiredOffset: Offset, deadline: Instant, effects: inout ReplicaEffects
    ) {
        if self.isLeader, self.isFlushOwed(upTo: requiredOffset) {
            self.flushWaiters.add(waiter, requiredOffset: requiredOffset, deadline: deadline)
            return
        }
        let error: ErrorCode = self.isLeader ? .noError : .notLeaderOrFollower
        effects.completedProduces.append(ProduceCompletion(waiter: waiter, error: error))
    }

    /// A truncation may have taken away what was to be flushed.
    mutating func forgetFlushDebt(beyond endOffset: Offset) {
        guard let debt = self.flushDebt else { return }
        self.flushDebt =
            endOffset <= debt.durableEnd
            ? nil : FlushDebt(durableEnd: debt.durableEnd, endOffset: min(debt.endOffset, endOffset))
    }
}
