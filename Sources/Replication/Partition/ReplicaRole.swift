package import ApusCore

/// What a replica is at present. The transitions are listed at `PartitionReplica`.
package enum ReplicaRole: Equatable, Sendable {
    /// No log is open here: it is not yet assigned, stopped, deleted, or its directory failed.
    case offline(OfflineRole)
    case follower(FollowerRole)
    case leader(LeaderRole)
}

/// A replica that serves nothing.
package struct OfflineRole: Equatable, Sendable {
    /// The code for every request: NOT_LEADER_OR_FOLLOWER, or KAFKA_STORAGE_ERROR where the directory failed.
    package var refusal: ErrorCode
}

/// A replica that copies a leader's log.
package struct FollowerRole: Equatable, Sendable {
    /// The leader, or `NodeID.none` while the partition has none.
    package var leader: NodeID

    package init(leader: NodeID) {
        self.leader = leader
    }
}

/// A replica that takes appends.
package struct LeaderRole: Equatable, Sendable {
    /// The log end at which this leader epoch began.
    package internal(set) var epochStartOffset: Offset
    /// The followers, in the order of the assignment.
    package internal(set) var replicas: [RemoteReplica]
    /// The committed ISR, ascending.
    package internal(set) var isr: [NodeID]
    /// The change under way; at most one.
    var pending: PendingISRChange?
    /// The state that the next proposal carries: a leader that took office has recovered.
    var recoveryState: LeaderRecoveryState = .recovered

    /// Whether a proposal waits for the controller's answer or for the metadata that overrides it.
    package var hasPendingISRChange: Bool { self.pending != nil }

    /// The fewest in-sync replicas for an acknowledgement of all: the topic's setting, or all replicas if fewer.
    func effectiveMinISR(_ policy: ReplicaPolicy) -> Int {
        min(policy.minInSyncReplicas, self.replicas.count + 1)
    }

    func isUnderMinISR(_ policy: ReplicaPolicy) -> Bool {
        self.isr.count < self.effectiveMinISR(policy)
    }

    /// The position of a follower; there are few, so a scan beats a table.
    func index(of id: NodeID) -> Int? {
        for index in self.replicas.indices where self.replicas[index].id == id { return index }
        return nil
    }

    /// Makes the committed ISR and the pending change visible in each follower's flags.
    mutating func refreshFlags() {
        for index in self.replicas.indices {
            let id = self.replicas[index].id
            let isInSync = self.isr.contains(id)
            self.replicas[index].isInSync = isInSync
            self.replicas[index].isInMaximalISR = isInSync || self.pending?.added == id
        }
    }
}
