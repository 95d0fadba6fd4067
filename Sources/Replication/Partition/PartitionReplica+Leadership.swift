package import ApusCore

extension PartitionReplica {
    /// The metadata image shows a new state of this partition: leads, follows, or keeps its role.
    ///
    /// - Parameters:
    ///   - brokers: the status of every replica's broker and of this one; one that is missing counts as not registered.
    ///   - log: the log as it is; loaded before the first assignment.
    package mutating func partitionChanged(
        _ assignment: PartitionAssignment, brokers: [BrokerStatus], log: LogBounds, now: Instant,
        effects: inout ReplicaEffects
    ) -> AssignmentOutcome {
        if assignment.leader == self.localID {
            self.becomeLeader(assignment, brokers: brokers, log: log, now: now, effects: &effects)
        } else {
            self.becomeFollower(assignment, log: log, effects: &effects)
        }
    }

    /// This broker leads the partition under `assignment`, which names it.
    ///
    /// With a new leader epoch, the log's end becomes the epoch's start and the driver must write that to the
    /// leader-epoch cache before anything is appended. With the epoch known, only replicas and ISR are taken over; a
    /// proposal under way that rests on the same partition epoch stays under way.
    package mutating func becomeLeader(
        _ assignment: PartitionAssignment, brokers: [BrokerStatus], log: LogBounds, now: Instant,
        effects: inout ReplicaEffects
    ) -> AssignmentOutcome {
        precondition(assignment.leader == self.localID, "the assignment names another leader")
        precondition(assignment.replicas.contains(self.localID), "a leader that is no replica")
        guard assignment.partitionEpoch >= self.partitionEpoch, assignment.leaderEpoch >= self.leaderEpoch else {
            return .stale
        }
        let previous = self.takeLeader()
        let isNewEpoch = assignment.leaderEpoch > self.leaderEpoch
        var leader =
            previous ?? LeaderRole(epochStartOffset: log.endOffset, replicas: [], isr: [])
        self.updateReplicas(of: &leader, assignment: assignment, brokers: brokers)
        if isNewEpoch || assignment.partitionEpoch > self.partitionEpoch || previous == nil {
            leader.isr = assignment.isr.sorted()
            leader.pending = nil
        }
        leader.recoveryState = .recovered
        leader.refreshFlags()
        self.log = log
        self.highWatermark = log.clamped(self.highWatermark)
        if isNewEpoch || previous == nil {
            leader.epochStartOffset = log.endOffset
            for index in leader.replicas.indices {
                leader.replicas[index].resetForNewEpoch(
                    epochStartOffset: log.endOffset, isNewLeader: previous == nil, now: now)
            }
            effects.epochStart = .init(leaderEpoch: assignment.leaderEpoch, startOffset: log.endOffset)
        }
        self.leaderEpoch = assignment.leaderEpoch
        self.partitionEpoch = assignment.partitionEpoch
        self.put(leader)
        if previous == nil { self.fetchWaiters.wakeAll(into: &effects.wokenFetches) }
        self.advanceHighWatermark(leader, now: now, effects: &effects)
        return isNewEpoch || previous == nil ? .newEpoch : .sameEpoch
    }

    /// Another broker leads the partition, or none does: a former leader answers all who wait, and keeps its log as it
    /// is until the new leader's epochs tell where the two part.
    package mutating func becomeFollower(
        _ assignment: PartitionAssignment, log: LogBounds, effects: inout ReplicaEffects
    ) -> AssignmentOutcome {
        precondition(assignment.leader != self.localID, "the assignment names this broker as leader")
        guard assignment.partitionEpoch >= self.partitionEpoch, assignment.leaderEpoch >= self.leaderEpoch else {
            return .stale
        }
        let isNewEpoch: Bool
        switch self.role {
        case .follower: isNewEpoch = assignment.leaderEpoch > self.leaderEpoch
        case .leader, .offline: isNewEpoch = true
        }
        self.role = .follower(FollowerRole(leader: assignment.leader))
        self.log = log
        self.highWatermark = log.clamped(self.highWatermark)
        self.leaderEpoch = assignment.leaderEpoch
        self.partitionEpoch = assignment.partitionEpoch
        if isNewEpoch { self.dismissWaiters(error: .notLeaderOrFollower, effects: &effects) }
        return isNewEpoch ? .newEpoch : .sameEpoch
    }

    /// The replica was stopped or deleted, or its directory failed; everyone who waits is answered.
    ///
    /// - Parameter refusal: what requests get from now on: NOT_LEADER_OR_FOLLOWER, or KAFKA_STORAGE_ERROR.
    package mutating func stopped(refusal: ErrorCode = .notLeaderOrFollower, effects: inout ReplicaEffects) {
        self.role = .offline(OfflineRole(refusal: refusal))
        self.dismissWaiters(error: refusal, effects: &effects)
    }

    /// The metadata image shows a change of one broker: its registration, fencing, or controlled shutdown.
    package mutating func brokerChanged(_ status: BrokerStatus, now: Instant, effects: inout ReplicaEffects) {
        if status.id == self.localID {
            self.localBrokerEpoch = status.epoch ?? .unknown
            return
        }
        guard var leader = self.takeLeader() else { return }
        let before = self.lowWatermark(leader)
        if let index = leader.index(of: status.id) { leader.replicas[index].status = status }
        self.put(leader)
        self.noteLowWatermark(before: before, effects: &effects)
        self.advanceHighWatermark(leader, now: now, effects: &effects)
    }

    /// Keeps what is known of followers that stay, and starts the others with nothing known.
    private mutating func updateReplicas(
        of leader: inout LeaderRole, assignment: PartitionAssignment, brokers: [BrokerStatus]
    ) {
        for status in brokers where status.id == self.localID {
            self.localBrokerEpoch = status.epoch ?? .unknown
        }
        var replicas: [RemoteReplica] = []
        replicas.reserveCapacity(assignment.replicas.count - 1)
        for id in assignment.replicas where id != self.localID {
            let status = brokers.first { $0.id == id } ?? BrokerStatus(id: id, epoch: nil)
            if let index = leader.index(of: id) {
                leader.replicas[index].status = status
                replicas.append(leader.replicas[index])
            } else {
                replicas.append(RemoteReplica(id: id, status: status))
            }
        }
        leader.replicas = replicas
    }

    private mutating func dismissWaiters(error: ErrorCode, effects: inout ReplicaEffects) {
        self.produceWaiters.failAll(error: error, into: &effects.completedProduces)
        self.flushWaiters.failAll(error: error, into: &effects.completedProduces)
        self.fetchWaiters.wakeAll(into: &effects.wokenFetches)
    }
}
