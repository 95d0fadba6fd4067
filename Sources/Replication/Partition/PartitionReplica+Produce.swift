package import ApusCore

extension PartitionReplica {
    /// Whether an append with these acknowledgements may be written now; asked under the lock, before the append.
    ///
    /// - Parameter requiredAcks: 0, 1, or -1 for all.
    /// - Returns: `noError`; INVALID_REQUIRED_ACKS; NOT_LEADER_OR_FOLLOWER or KAFKA_STORAGE_ERROR; or
    ///   NOT_ENOUGH_REPLICAS where the committed ISR is below the minimum, or too many appends wait already.
    package func produceAdmission(requiredAcks: Int16) -> ErrorCode {
        guard requiredAcks >= -1 && requiredAcks <= 1 else { return .invalidRequiredAcks }
        switch self.role {
        case .offline(let offline):
            return offline.refusal
        case .follower:
            return .notLeaderOrFollower
        case .leader(let leader):
            guard requiredAcks == -1 else { return .noError }
            return leader.isUnderMinISR(self.policy) || self.produceWaiters.count >= ProduceWaiters.capacity
                ? .notEnoughReplicas : .noError
        }
    }

    /// An append with `acks=all` is in the log and waits until the high watermark is at or past `requiredOffset`.
    ///
    /// It is answered by exactly one `ProduceCompletion`, perhaps at once: `noError` when all in-sync replicas have it;
    /// NOT_ENOUGH_REPLICAS_AFTER_APPEND when they have it but are fewer than the minimum by then; REQUEST_TIMED_OUT at
    /// `deadline`; NOT_LEADER_OR_FOLLOWER when this replica stops leading, or when the append was made in another
    /// leader epoch than the present one.
    ///
    /// - Parameter appendEpoch: the leader epoch under which the records were appended.
    package mutating func awaitReplication(
        _ waiter: ProduceWaiterID, requiredOffset: Offset, appendEpoch: LeaderEpoch, deadline: Instant,
        effects: inout ReplicaEffects
    ) {
        guard let leader = self.leaderRole, appendEpoch == self.leaderEpoch else {
            effects.completedProduces.append(ProduceCompletion(waiter: waiter, error: .notLeaderOrFollower))
            return
        }
        precondition(requiredOffset <= self.log.endOffset, "an append that waits for what is not in the log")
        if requiredOffset > self.highWatermark {
            self.produceWaiters.add(waiter, requiredOffset: requiredOffset, deadline: deadline)
            return
        }
        let error: ErrorCode = leader.isUnderMinISR(self.policy) ? .notEnoughReplicasAfterAppend : .noError
        effects.completedProduces.append(ProduceCompletion(waiter: waiter, error: error))
    }
}
