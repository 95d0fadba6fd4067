package import ApusCore

extension PartitionReplica {
    /// Some time passed: followers that lag too long are proposed to leave the ISR, and appends that waited too long
    /// are answered. To be called at least twice in `lagTimeMax`, and at `ProduceWaiters.earliestDeadline`.
    package mutating func tick(now: Instant, effects: inout ReplicaEffects) {
        self.produceWaiters.expire(now: now, into: &effects.completedProduces)
        self.flushWaiters.expire(now: now, into: &effects.completedProduces)
        guard self.hasLaggingMember(now: now), var leader = self.takeLeader() else { return }
        let remaining = leader.isr.filter { id in
            id == self.localID || !self.isOutOfSync(id, leader: leader, now: now)
        }
        self.propose(remaining, added: nil, leader: &leader, now: now, effects: &effects)
        self.put(leader)
    }

    /// The controller answered a proposal, or could not be asked.
    ///
    /// An answer to a proposal that the metadata has overridden since is dropped. Codes that say for certain that the
    /// change was not made (INELIGIBLE_REPLICA, OPERATION_NOT_ATTEMPTED) return to the committed ISR; codes that say
    /// that this leader's view is old keep the proposal pending, which binds the high watermark, until the metadata
    /// brings the newer view; any other code asks again after the backoff.
    package mutating func alterPartitionCompleted(
        _ id: ISRProposalID, _ outcome: ISRProposalOutcome, now: Instant, effects: inout ReplicaEffects
    ) {
        guard var leader = self.takeLeader() else { return }
        defer { self.put(leader) }
        guard let pending = leader.pending, pending.proposal.id == id else { return }
        switch outcome {
        case .committed(let leaderEpoch, let partitionEpoch, let isr, let recoveryState):
            guard leaderEpoch == self.leaderEpoch, partitionEpoch >= self.partitionEpoch else { return }
            self.partitionEpoch = partitionEpoch
            leader.isr = isr.sorted()
            leader.recoveryState = recoveryState
            self.settle(&leader, now: now, effects: &effects)
        case .refused(.ineligibleReplica), .refused(.operationNotAttempted):
            self.settle(&leader, now: now, effects: &effects)
        case .refused(.unknownTopicOrPartition), .refused(.unknownTopicID), .refused(.fencedLeaderEpoch),
            .refused(.invalidUpdateVersion), .refused(.invalidRequest), .refused(.newLeaderElected):
            return
        case .refused:
            var retried = pending
            retried.proposal.id = self.takeProposalID()
            retried.proposal.notBefore = now + self.policy.proposalBackoff
            leader.pending = retried
            effects.proposal = retried.proposal
        }
    }

    /// Proposes a follower for the ISR if it is eligible, has what is committed, and reached this leader's epoch.
    ///
    /// From then on the high watermark waits for it, so that the controller may commit the change at any time.
    mutating func maybeExpandISR(
        _ leader: inout LeaderRole, with index: Int, now: Instant, effects: inout ReplicaEffects
    ) {
        guard leader.pending == nil, !leader.replicas[index].isInSync, leader.replicas[index].isISREligible else {
            return
        }
        let endOffset = leader.replicas[index].logEndOffset
        guard endOffset >= self.highWatermark, endOffset >= leader.epochStartOffset else { return }
        let id = leader.replicas[index].id
        self.propose((leader.isr + [id]).sorted(), added: id, leader: &leader, now: now, effects: &effects)
    }

    private func hasLaggingMember(now: Instant) -> Bool {
        guard let leader = self.leaderRole, leader.pending == nil else { return false }
        for id in leader.isr where id != self.localID && self.isOutOfSync(id, leader: leader, now: now) {
            return true
        }
        return false
    }

    private func isOutOfSync(_ id: NodeID, leader: LeaderRole, now: Instant) -> Bool {
        guard let index = leader.index(of: id) else { return true }
        return !leader.replicas[index].isCaughtUp(
            leaderEndOffset: self.log.endOffset, now: now, lagTimeMax: self.policy.lagTimeMax)
    }

    private mutating func propose(
        _ isr: [NodeID], added: NodeID?, leader: inout LeaderRole, now: Instant, effects: inout ReplicaEffects
    ) {
        precondition(leader.pending == nil, "a second ISR change while one is under way")
        precondition(isr.contains(self.localID), "a leader that leaves its own ISR")
        let members = isr.map { id in
            let brokerEpoch =
                id == self.localID
                ? self.localBrokerEpoch : leader.index(of: id).flatMap { leader.replicas[$0].brokerEpoch }
            return ISRProposal.Member(id: id, brokerEpoch: brokerEpoch ?? .unknown)
        }
        let proposal = ISRProposal(
            id: self.takeProposalID(), leaderEpoch: self.leaderEpoch, partitionEpoch: self.partitionEpoch,
            isr: members, recoveryState: leader.recoveryState, notBefore: now)
        leader.pending = PendingISRChange(proposal: proposal, added: added)
        leader.refreshFlags()
        effects.proposal = proposal
    }

    private mutating func settle(_ leader: inout LeaderRole, now: Instant, effects: inout ReplicaEffects) {
        leader.pending = nil
        leader.refreshFlags()
        self.advanceHighWatermark(leader, now: now, effects: &effects)
    }

    private mutating func takeProposalID() -> ISRProposalID {
        self.nextProposalID += 1
        return ISRProposalID(rawValue: self.nextProposalID)
    }
}
