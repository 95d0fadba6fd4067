package import ApusCore

/// The committed state of a partition, as the metadata image has it.
package struct PartitionAssignment: Equatable, Sendable {
    /// The leader, or `NodeID.none`.
    package var leader: NodeID
    package var leaderEpoch: LeaderEpoch
    package var partitionEpoch: PartitionEpoch
    /// All replicas, in the order of preference.
    package var replicas: [NodeID]
    /// The committed in-sync replicas; order does not matter.
    package var isr: [NodeID]
    package var recoveryState: LeaderRecoveryState

    package init(
        leader: NodeID, leaderEpoch: LeaderEpoch, partitionEpoch: PartitionEpoch, replicas: [NodeID], isr: [NodeID],
        recoveryState: LeaderRecoveryState = .recovered
    ) {
        self.leader = leader
        self.leaderEpoch = leaderEpoch
        self.partitionEpoch = partitionEpoch
        self.replicas = replicas
        self.isr = isr
        self.recoveryState = recoveryState
    }
}

/// What an assignment meant to a replica.
package enum AssignmentOutcome: Equatable, Sendable {
    /// It is older than what the replica knows, and changed nothing.
    case stale
    /// The leader epoch is the one known: a fetcher keeps its position.
    case sameEpoch
    /// The leader epoch is new, or the role is: a leader assigns the epoch's start in its log (`ReplicaEffects.epochStart`), a
    /// follower's fetcher starts anew from its log end.
    case newEpoch
}
