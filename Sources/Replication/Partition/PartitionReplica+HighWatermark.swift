package import ApusCore

extension PartitionReplica {
    /// The lowest log start among this leader and its live followers, or `nil` where this replica does not lead.
    package var lowWatermark: Offset? {
        switch self.role {
        case .leader(let leader): self.lowWatermark(leader)
        case .follower, .offline: nil
        }
    }

    func lowWatermark(_ leader: LeaderRole) -> Offset {
        var lowest = self.log.startOffset
        for index in leader.replicas.indices where leader.replicas[index].status.isAlive {
            lowest = min(lowest, leader.replicas[index].logStartOffset)
        }
        return lowest
    }

    func noteLowWatermark(before: Offset?, effects: inout ReplicaEffects) {
        if let before, let after = self.lowWatermark, after > max(before, 0) {
            effects.lowWatermark = after
        }
    }

    /// Moves a leader's high watermark to the lowest log end of all that count, if that is ahead of it.
    ///
    /// Whoever is or may be in the ISR counts, and so does a replica that has caught up and could be proposed any
    /// moment: otherwise a busy partition would run away from it. Below the minimum ISR nothing is committed (KIP-966),
    /// nor is what this replica has yet to flush.
    mutating func advanceHighWatermark(_ leader: LeaderRole, now: Instant, effects: inout ReplicaEffects) {
        if leader.isUnderMinISR(self.policy) { return }
        let logEndOffset = self.log.endOffset
        var candidate = min(logEndOffset, self.flushDebt?.durableEnd ?? logEndOffset)
        for index in leader.replicas.indices where leader.replicas[index].logEndOffset < candidate {
            if leader.replicas[index].isInMaximalISR
                || leader.replicas[index].isISREligible
                    && leader.replicas[index].isCaughtUp(
                        leaderEndOffset: logEndOffset, now: now, lagTimeMax: self.policy.lagTimeMax)
            {
                candidate = leader.replicas[index].logEndOffset
            }
        }
        guard candidate > self.highWatermark else { return }
        self.moveHighWatermark(to: candidate, effects: &effects)
        self.produceWaiters.complete(upTo: candidate, error: .noError, into: &effects.completedProduces)
    }

    /// Moves the high watermark forward and wakes the fetches that it serves.
    mutating func moveHighWatermark(to offset: Offset, effects: inout ReplicaEffects) {
        precondition(
            offset > self.highWatermark && offset <= self.log.endOffset, "the high watermark left the log or fell")
        self.highWatermark = offset
        effects.highWatermark = offset
        self.fetchWaiters.advance(.highWatermark, to: offset, into: &effects.wokenFetches)
        // The last stable offset may follow. Where an open transaction holds it back, its readers look and wait again.
        self.fetchWaiters.advance(.lastStable, to: offset, into: &effects.wokenFetches)
    }
}
