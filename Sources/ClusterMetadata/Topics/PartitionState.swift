package import ApusCore

/// The state of one partition as the metadata log knows it.
///
/// `isr` and `eligibleLeaders` are disjoint and hold only replicas. `leader` is a member of `isr`, or -1.
package struct PartitionState: Hashable, Sendable {
    /// The replicas in order of preference; the first is the preferred leader.
    package var replicas: [NodeID]
    /// The log directory of each replica, in the order of `replicas`.
    package var directories: [KafkaUUID]
    package var isr: [NodeID]
    /// Replicas outside the ISR that still hold everything committed (ELR, KIP-966), ascending.
    package var eligibleLeaders: [NodeID]
    /// The members that the ISR and ELR lost last, kept for the recovery of a partition without a leader (KIP-966).
    package var lastKnownEligibleLeaders: [NodeID]
    /// Replicas that a reassignment in progress takes away.
    package var removingReplicas: [NodeID]
    /// Replicas that a reassignment in progress adds.
    package var addingReplicas: [NodeID]
    /// The leader, or -1 where there is none.
    package var leader: NodeID
    package var leaderRecoveryState: LeaderRecoveryState
    package var leaderEpoch: LeaderEpoch
    package var partitionEpoch: PartitionEpoch

    package init(
        replicas: [NodeID], directories: [KafkaUUID], isr: [NodeID], leader: NodeID,
        leaderEpoch: LeaderEpoch = 0, partitionEpoch: PartitionEpoch = 0,
        leaderRecoveryState: LeaderRecoveryState = .recovered,
        eligibleLeaders: [NodeID] = [], lastKnownEligibleLeaders: [NodeID] = [],
        removingReplicas: [NodeID] = [], addingReplicas: [NodeID] = []
    ) {
        self.replicas = replicas
        self.directories = directories
        // Most partitions are fully in sync: let the two lists share their storage.
        self.isr = isr == replicas ? replicas : isr
        self.leader = leader
        self.leaderEpoch = leaderEpoch
        self.partitionEpoch = partitionEpoch
        self.leaderRecoveryState = leaderRecoveryState
        self.eligibleLeaders = eligibleLeaders
        self.lastKnownEligibleLeaders = lastKnownEligibleLeaders
        self.removingReplicas = removingReplicas
        self.addingReplicas = addingReplicas
    }

    package var hasLeader: Bool { self.leader != .none }

    /// The replica that leads unless something is wrong, or -1 for a partition without replicas.
    package var preferredLeader: NodeID { self.replicas.first ?? .none }

    package var isReassigning: Bool { !self.removingReplicas.isEmpty || !self.addingReplicas.isEmpty }

    /// The log directory of the replica on `node`; nil where `node` holds no replica.
    package func directory(of node: NodeID) -> KafkaUUID? {
        guard let index = self.replicas.firstIndex(of: node) else { return nil }
        return index < self.directories.count ? self.directories[index] : DirectoryID.migrating
    }
}
