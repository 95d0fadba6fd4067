import ApusCore
import Replication

/// What brokers replay: the committed state of every partition and broker.
struct MetadataImage {
    var version: Int
    var partitions: [PartitionAssignment]
    var brokers: [BrokerStatus]
}

/// A controller reduced to what replication needs: registrations, fencing, ISR changes, and elections from the ISR or,
/// while that is below the minimum, from the eligible leader replicas (KIP-966).
struct TinyController {
    struct Broker {
        var epoch: BrokerEpoch?
        var incarnation = -1
        var isFenced = true
        var lastHeartbeat = Instant(nanoseconds: 0)
    }

    private(set) var partitions: [PartitionAssignment]
    private(set) var eligible: [[NodeID]]
    private(set) var brokers: [Broker]
    private(set) var version = 0
    private var nextBrokerEpoch: BrokerEpoch = 1
    let minISR: Int
    let sessionTimeout: Interval

    init(replicas: [[NodeID]], brokerCount: Int, minISR: Int, sessionTimeout: Interval) {
        self.partitions = replicas.map {
            PartitionAssignment(leader: .none, leaderEpoch: 0, partitionEpoch: 0, replicas: $0, isr: [])
        }
        // A new topic's replicas are all alike: empty.
        self.eligible = replicas
        self.brokers = Array(repeating: Broker(), count: brokerCount)
        self.minISR = minISR
        self.sessionTimeout = sessionTimeout
    }

    var image: MetadataImage {
        let brokers = self.brokers.enumerated().map { index, broker in
            BrokerStatus(id: NodeID(Int32(index + 1)), epoch: broker.epoch, isFenced: broker.isFenced)
        }
        return MetadataImage(version: self.version, partitions: self.partitions, brokers: brokers)
    }

    func isInISR(_ id: NodeID, partition: Int) -> Bool { self.partitions[partition].isr.contains(id) }

    /// A broker starts. Whoever did not shut down cleanly may have lost records and is in sync no longer.
    mutating func register(_ id: NodeID, incarnation: Int, isClean: Bool, now: Instant) -> BrokerEpoch {
        let index = Int(id.rawValue) - 1
        if self.brokers[index].incarnation == incarnation, let epoch = self.brokers[index].epoch { return epoch }
        self.fence(id)
        if !isClean {
            for partition in self.partitions.indices {
                self.eligible[partition].removeAll { $0 == id }
                self.change(partition, isr: self.partitions[partition].isr.filter { $0 != id }, removed: id)
            }
        }
        let epoch = self.nextBrokerEpoch
        self.nextBrokerEpoch += 1
        self.brokers[index] = Broker(epoch: epoch, incarnation: incarnation, isFenced: true, lastHeartbeat: now)
        self.version += 1
        return epoch
    }

    mutating func heartbeat(_ id: NodeID, epoch: BrokerEpoch, now: Instant) {
        let index = Int(id.rawValue) - 1
        guard self.brokers[index].epoch == epoch else { return }
        self.brokers[index].lastHeartbeat = now
        guard self.brokers[index].isFenced else { return }
        self.brokers[index].isFenced = false
        self.version += 1
        for partition in self.partitions.indices { self.electIfNeeded(partition) }
    }

    mutating func tick(now: Instant) {
        for index in self.brokers.indices where !self.brokers[index].isFenced {
            if now - self.brokers[index].lastHeartbeat > self.sessionTimeout { self.fence(NodeID(Int32(index + 1))) }
        }
    }

    /// Moves the leadership to another in-sync replica, as a preferred election would.
    mutating func moveLeadership(_ partition: Int, to id: NodeID) {
        guard self.isInISR(id, partition: partition), self.partitions[partition].leader != id else { return }
        self.partitions[partition].leader = id
        self.partitions[partition].leaderEpoch += 1
        self.partitions[partition].partitionEpoch += 1
        self.version += 1
    }

    mutating func alterPartition(
        _ partition: Int, from id: NodeID, brokerEpoch: BrokerEpoch, proposal: ISRProposal
    ) -> ISRProposalOutcome {
        let state = self.partitions[partition]
        if self.brokers[Int(id.rawValue) - 1].epoch != brokerEpoch { return .refused(.staleBrokerEpoch) }
        if proposal.leaderEpoch < state.leaderEpoch { return .refused(.fencedLeaderEpoch) }
        precondition(proposal.leaderEpoch == state.leaderEpoch, "a leader of the future")
        if state.leader != id { return .refused(.invalidRequest) }
        if proposal.partitionEpoch < state.partitionEpoch { return .refused(.invalidUpdateVersion) }
        precondition(proposal.partitionEpoch == state.partitionEpoch, "a partition epoch of the future")
        precondition(proposal.isr.contains { $0.id == id }, "an ISR without its leader")
        for member in proposal.isr {
            let broker = self.brokers[Int(member.id.rawValue) - 1]
            if broker.isFenced || member.brokerEpoch != .unknown && member.brokerEpoch != broker.epoch {
                return .refused(.ineligibleReplica)
            }
        }
        self.change(partition, isr: proposal.isr.map(\.id), removed: nil)
        let changed = self.partitions[partition]
        return .committed(
            leaderEpoch: changed.leaderEpoch, partitionEpoch: changed.partitionEpoch, isr: changed.isr,
            recoveryState: .recovered)
    }

    private mutating func fence(_ id: NodeID) {
        let index = Int(id.rawValue) - 1
        guard self.brokers[index].epoch != nil, !self.brokers[index].isFenced else { return }
        self.brokers[index].isFenced = true
        self.version += 1
        for partition in self.partitions.indices where self.isInISR(id, partition: partition) {
            self.change(partition, isr: self.partitions[partition].isr.filter { $0 != id }, removed: nil)
        }
    }

    /// Replaces the ISR; members that leave an ISR below the minimum stay eligible, for nothing is committed there.
    private mutating func change(_ partition: Int, isr: [NodeID], removed: NodeID?) {
        guard isr != self.partitions[partition].isr else { return }
        let before = self.partitions[partition].isr
        if isr.count >= self.minISR {
            self.eligible[partition] = []
        } else {
            var eligible = self.eligible[partition]
            for id in before where !eligible.contains(id) && id != removed { eligible.append(id) }
            self.eligible[partition] = eligible.filter { !isr.contains($0) }
        }
        self.partitions[partition].isr = isr
        self.partitions[partition].partitionEpoch += 1
        self.version += 1
        self.electIfNeeded(partition)
    }

    private mutating func electIfNeeded(_ partition: Int) {
        let state = self.partitions[partition]
        if state.leader != .none && state.isr.contains(state.leader) { return }
        var leader = NodeID.none
        if let member = state.replicas.first(where: { state.isr.contains($0) }) {
            leader = member
        } else if let member = self.eligible[partition].first(where: { !self.brokers[Int($0.rawValue) - 1].isFenced }) {
            leader = member
            self.partitions[partition].isr = [member]
            self.eligible[partition].removeAll { $0 == member }
        }
        guard leader != state.leader else { return }
        self.partitions[partition].leader = leader
        self.partitions[partition].leaderEpoch += 1
        self.partitions[partition].partitionEpoch += 1
        self.version += 1
    }
}
