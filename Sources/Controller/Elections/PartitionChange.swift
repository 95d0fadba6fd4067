import ApusCore
import ClusterMetadata
import KafkaStoredMessages

/// Works out the record that takes a partition to a wanted state: who leads, who is in the ISR and the ELR, whether a
/// reassignment is complete, and whether the leader epoch has to grow.
///
/// The leader epoch grows with every new leader, and when a replica is taken away, so that a removed replica's fetches
/// are refused. It does not grow when the ISR shrinks (KAFKA-15021).
struct PartitionChange {
    let topic: TopicID
    let partition: PartitionIndex
    let before: PartitionState
    let eligibility: LeaderEligibility
    /// The topic's `min.insync.replicas`, at most its replication factor.
    let minInsyncReplicas: Int
    let isELREnabled: Bool
    /// Which replicas lead before others; those of one rank in the order of the assignment.
    let preference: LeaderPreference

    var election = Election.online
    var targetISR: [NodeID]
    var targetReplicas: [NodeID]
    var targetRemoving: [NodeID]
    var targetAdding: [NodeID]
    var targetRecoveryState: LeaderRecoveryState
    /// Directories that are told anew, by broker.
    var targetDirectories: [NodeID: KafkaUUID] = [:]
    /// Replicas that lost what they had not flushed: they leave the ELR.
    var uncleanShutdownReplicas: [NodeID] = []

    private var targetELR: [NodeID]

    enum Election {
        /// Keep the leader where it is valid, else take any member of the ISR or ELR.
        case online
        /// Prefer the first replica in the order of preference.
        case preferred
        /// Take any living replica where the ISR and ELR have none.
        case unclean
    }

    init(
        topic: TopicID, partition: PartitionIndex, before: PartitionState, eligibility: LeaderEligibility,
        minInsyncReplicas: Int, isELREnabled: Bool, preference: LeaderPreference = LeaderPreference()
    ) {
        self.topic = topic
        self.partition = partition
        self.before = before
        self.eligibility = eligibility
        self.minInsyncReplicas = minInsyncReplicas
        self.isELREnabled = isELREnabled
        self.preference = preference
        self.targetISR = before.isr
        self.targetReplicas = before.replicas
        self.targetRemoving = before.removingReplicas
        self.targetAdding = before.addingReplicas
        self.targetRecoveryState = before.leaderRecoveryState
        self.targetELR = before.eligibleLeaders
    }

    /// The record of the change; nil where nothing changes.
    consuming func record() -> PartitionChangeRecord? {
        var record = PartitionChangeRecord()
        record.topicId = self.topic
        record.partitionId = self.partition
        let unchanged = record
        self.completeReassignment()
        self.collectELR()
        self.elect(into: &record)
        self.bumpLeaderEpochForRemovedReplicas(in: &record)
        self.writeELR(to: &record)
        if record.isr == nil, !self.targetISR.isEmpty || self.isELREnabled, self.targetISR != self.before.isr {
            record.isr = self.targetISR
        }
        self.writeLastKnownLeader(to: &record)
        self.writeAssignment(to: &record)
        if self.targetRecoveryState != self.before.leaderRecoveryState {
            record.leaderRecoveryState = self.targetRecoveryState.rawValue
        }
        return record == unchanged ? nil : record
    }

    private mutating func completeReassignment() {
        let reassignment = ReassignmentReplicas(
            removing: self.targetRemoving, adding: self.targetAdding, replicas: self.targetReplicas)
        guard let completed = reassignment.completed(isr: self.targetISR) else { return }
        self.targetISR = completed.isr
        self.targetReplicas = completed.replicas
        self.targetRemoving = []
        self.targetAdding = []
    }

    /// Who leaves the ISR below `min.insync.replicas` goes to the ELR; enough in-sync replicas empty it (KIP-966).
    private mutating func collectELR() {
        guard self.isELREnabled else { return }
        guard self.targetISR.count < self.minInsyncReplicas else {
            self.targetELR = []
            return
        }
        let candidates = Set(self.targetELR).union(self.before.isr)
        self.targetELR = candidates.sorted().filter { candidate in
            !self.targetISR.contains(candidate) && !self.uncleanShutdownReplicas.contains(candidate)
                && self.targetReplicas.contains(candidate)
        }
    }

    private mutating func elect(into record: inout PartitionChangeRecord) {
        let elected = self.election == .preferred ? self.preferredLeader() : self.anyLeader()
        guard elected.leader != self.before.leader else { return }
        record.leader = elected.leader
        if elected.isUnclean {
            // Nobody else can be in sync with a leader that was not in sync itself.
            record.isr = [elected.leader]
            if self.before.leaderRecoveryState != .recovering {
                record.leaderRecoveryState = LeaderRecoveryState.recovering.rawValue
            }
        } else if self.targetELR.contains(elected.leader) {
            self.targetISR = [elected.leader]
            self.targetELR.removeAll { $0 == elected.leader }
        }
    }

    private func preferredLeader() -> (leader: NodeID, isUnclean: Bool) {
        let candidates = self.candidates
        guard let best = candidates.first(where: { self.isValidLeader($0) }) else { return (.none, false) }
        // Where the first cannot lead, only a better rank is worth a new leader.
        if best != candidates.first, self.isValidLeader(self.before.leader),
            self.rank(of: self.before.leader) <= self.rank(of: best)
        {
            return (self.before.leader, false)
        }
        return (best, false)
    }

    private func anyLeader() -> (leader: NodeID, isUnclean: Bool) {
        if self.isValidLeader(self.before.leader) { return (self.before.leader, false) }
        let candidates = self.candidates
        if let clean = candidates.first(where: { self.isValidLeader($0) }) { return (clean, false) }
        if let last = self.lastKnownLeader() { return (last, true) }
        if self.election == .unclean,
            let living = candidates.first(where: { self.eligibility.accepts($0, in: self.before) })
        {
            return (living, true)
        }
        return (.none, false)
    }

    /// The replicas in the order in which they should lead.
    private var candidates: [NodeID] {
        self.preference.ordered(self.targetReplicas, brokers: self.eligibility.brokers)
    }

    private func rank(of replica: NodeID) -> Int {
        self.preference.rank(of: replica, in: self.eligibility.brokers)
    }

    private func isValidLeader(_ replica: NodeID) -> Bool {
        let holdsEverything =
            self.targetISR.contains(replica) || (self.targetISR.isEmpty && self.targetELR.contains(replica))
        return holdsEverything && self.eligibility.accepts(replica, in: self.before)
    }

    /// The one replica that led last, where nobody is left in the ISR and ELR: it has the most of what there is.
    private func lastKnownLeader() -> NodeID? {
        guard self.isELREnabled, self.targetELR.isEmpty, self.targetISR.isEmpty else { return nil }
        guard self.before.lastKnownEligibleLeaders.count == 1 else { return nil }
        let last = self.before.lastKnownEligibleLeaders[0]
        guard self.targetReplicas.contains(last) else { return nil }
        return self.eligibility.accepts(last, in: self.before) ? last : nil
    }

    private func bumpLeaderEpochForRemovedReplicas(in record: inout PartitionChangeRecord) {
        guard record.leader == PartitionState.leaderUnchanged else { return }
        if !self.before.replicas.allSatisfy({ self.targetReplicas.contains($0) }) {
            record.leader = self.before.leader
        }
    }

    private mutating func writeELR(to record: inout PartitionChangeRecord) {
        // An unclean election has set the ISR; what the ELR held is then worth nothing.
        if record.isr != nil || !self.isELREnabled { self.targetELR = [] }
        if self.targetELR != self.before.eligibleLeaders { record.eligibleLeaderReplicas = self.targetELR }
    }

    private func writeLastKnownLeader(to record: inout PartitionChangeRecord) {
        guard self.isELREnabled else { return }
        if record.leader == .none, self.before.hasLeader, self.before.lastKnownEligibleLeaders.isEmpty {
            record.lastKnownElr = [self.before.leader]
        } else if record.leader >= 0, !self.before.lastKnownEligibleLeaders.isEmpty {
            record.lastKnownElr = []
        }
    }

    private func writeAssignment(to record: inout PartitionChangeRecord) {
        let directories = self.targetReplicas.map { replica in
            self.targetDirectories[replica] ?? self.before.directory(of: replica)
                ?? self.eligibility.brokers[replica]?.defaultDirectory ?? DirectoryID.unassigned
        }
        if !self.targetReplicas.isEmpty, self.targetReplicas != self.before.replicas {
            record.replicas = self.targetReplicas
            record.directories = directories
        } else if directories != self.before.directories {
            record.directories = directories
        }
        if self.targetRemoving != self.before.removingReplicas { record.removingReplicas = self.targetRemoving }
        if self.targetAdding != self.before.addingReplicas { record.addingReplicas = self.targetAdding }
    }
}
