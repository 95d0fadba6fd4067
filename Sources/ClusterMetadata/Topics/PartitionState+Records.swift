package import ApusCore
package import KafkaStoredMessages

extension PartitionState {
    /// The state that a partition record sets.
    ///
    /// - Throws: where leader, ISR, ELR and replicas contradict each other.
    init(_ record: PartitionRecord) throws(MetadataError) {
        self.init(
            replicas: record.replicas,
            directories: record.directories.isEmpty
                ? Array(repeating: DirectoryID.migrating, count: record.replicas.count) : record.directories,
            isr: record.isr, leader: record.leader, leaderEpoch: record.leaderEpoch,
            partitionEpoch: record.partitionEpoch,
            leaderRecoveryState: try Self.recoveryState(record.leaderRecoveryState),
            eligibleLeaders: record.eligibleLeaderReplicas ?? [],
            lastKnownEligibleLeaders: record.lastKnownElr ?? [],
            removingReplicas: record.removingReplicas, addingReplicas: record.addingReplicas)
        try self.check()
    }

    /// The state after a change: the partition epoch grows by one, the leader epoch wherever the record names a leader.
    ///
    /// - Throws: where leader, ISR, ELR and replicas would contradict each other.
    package func applying(_ record: PartitionChangeRecord) throws(MetadataError) -> PartitionState {
        var state = self
        if let replicas = record.replicas {
            state.replicas = replicas
            state.directories = Array(repeating: DirectoryID.unassigned, count: replicas.count)
            for (index, replica) in replicas.enumerated() {
                state.directories[index] = self.directory(of: replica) ?? DirectoryID.unassigned
            }
        }
        if let directories = record.directories { state.directories = directories }
        if let isr = record.isr { state.isr = isr == state.replicas ? state.replicas : isr }
        if let eligible = record.eligibleLeaderReplicas { state.eligibleLeaders = eligible }
        if let lastKnown = record.lastKnownElr { state.lastKnownEligibleLeaders = lastKnown }
        if let removing = record.removingReplicas { state.removingReplicas = removing }
        if let adding = record.addingReplicas { state.addingReplicas = adding }
        if record.leaderRecoveryState != Self.recoveryStateUnchanged {
            state.leaderRecoveryState = try Self.recoveryState(record.leaderRecoveryState)
        }
        if record.leader != Self.leaderUnchanged {
            state.leader = record.leader
            state.leaderEpoch += 1
        }
        state.partitionEpoch += 1
        try state.check()
        return state
    }

    /// The leader of a change record that keeps the leader and its epoch.
    package static let leaderUnchanged: NodeID = -2

    /// The recovery state of a change record that keeps it.
    package static let recoveryStateUnchanged: Int8 = -1

    var hasEligibleLeaderState: Bool { !self.eligibleLeaders.isEmpty || !self.lastKnownEligibleLeaders.isEmpty }

    /// Forgets the ELR, as a change record would.
    mutating func clearEligibleLeaders() {
        self.eligibleLeaders = []
        self.lastKnownEligibleLeaders = []
        self.partitionEpoch += 1
    }

    private static func recoveryState(_ number: Int8) throws(MetadataError) -> LeaderRecoveryState {
        guard let state = LeaderRecoveryState(rawValue: number) else {
            throw MetadataError(.invalidPartition, "\(number) is not a leader recovery state")
        }
        return state
    }

    /// Refuses what would mislead a broker. That the ELR holds only replicas is not checked: Kafka's logs may break it.
    private func check() throws(MetadataError) {
        let isValid =
            self.directories.count == self.replicas.count
            && self.isr.allSatisfy { self.replicas.contains($0) }
            && self.eligibleLeaders.allSatisfy { !self.isr.contains($0) }
            && (self.leader == .none || self.isr.contains(self.leader))
        guard isValid else { throw MetadataError(.invalidPartition, "the partition contradicts itself: \(self)") }
    }
}
