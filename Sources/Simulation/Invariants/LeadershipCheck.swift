import ApusCore
import Broker
import ClusterMetadata

/// The promises about who leads a partition: one broker in an epoch, the one that the controller named, with an ISR that
/// the controller committed.
package final class LeadershipCheck: Check {
    private struct Term: Hashable {
        var partition: TopicIDPartition
        var epoch: LeaderEpoch
    }

    private struct Version: Hashable {
        var partition: TopicIDPartition
        var epoch: PartitionEpoch
    }

    /// Whom the controller named.
    private var named: [Term: NodeID] = [:]
    /// The ISRs that were committed, ascending.
    private var isrs: [Version: [NodeID]] = [:]

    /// Partitions that the metadata changed. A batch of metadata is applied as a whole: what lies between two of its
    /// records never was.
    private var changed: [TopicIDPartition] = []

    package init() {}

    package func see(_ sight: Sight, in memory: ClusterMemory) throws(Violation) {
        switch sight {
        case .partition(let id, let state):
            try self.take(id, state, memory)
            self.changed.append(id)
        case .quorum:
            for id in self.changed { try self.checkLeader(of: id, memory) }
            self.changed.removeAll(keepingCapacity: true)
        case .replica(let node, let was, let now): try self.checkReplica(node, was, now)
        case .started, .ended, .emptied, .deleted, .removed, .committed, .served, .located, .acknowledged:
            break
        }
    }

    private func take(_ id: TopicIDPartition, _ state: PartitionState, _ memory: ClusterMemory) throws(Violation) {
        let term = Term(partition: id, epoch: state.leaderEpoch)
        if state.hasLeader {
            if let before = self.named[term], before != state.leader {
                throw Violation(
                    .onePartitionLeader,
                    "the controller named \(before) and \(state.leader) as leaders of \(memory.name(id)) in epoch "
                        + "\(state.leaderEpoch)")
            }
            self.named[term] = state.leader
            if !state.isr.contains(state.leader) {
                throw Violation(
                    .committedISR, "leader \(state.leader) of \(memory.name(id)) is not in its ISR \(state.isr)")
            }
        }
        self.isrs[Version(partition: id, epoch: state.partitionEpoch)] = state.isr.sorted()
    }

    /// Nobody is named who may not serve.
    private func checkLeader(of id: TopicIDPartition, _ memory: ClusterMemory) throws(Violation) {
        guard let state = memory.metadata.partition(id), state.hasLeader else { return }
        if memory.metadata.brokers[state.leader]?.isFenced ?? true {
            throw Violation(
                .servingLeader,
                "the controller named \(state.leader) as leader of \(memory.name(id)) in epoch \(state.leaderEpoch), "
                    + "which is fenced")
        }
    }

    private func checkReplica(
        _ node: NodeID, _ was: PartitionFigures?, _ now: PartitionFigures
    ) throws(Violation) {
        if let was, now.leaderEpoch < was.leaderEpoch || now.partitionEpoch < was.partitionEpoch {
            throw Violation(
                .monotonicEpochs,
                "\(now.name) on node \(node) went from epochs \(was.leaderEpoch), \(was.partitionEpoch) back to "
                    + "\(now.leaderEpoch), \(now.partitionEpoch)")
        }
        guard now.role == .leader else { return }
        let named = self.named[Term(partition: now.id, epoch: now.leaderEpoch)]
        if named != node {
            throw Violation(
                .onePartitionLeader,
                "node \(node) leads \(now.name) in epoch \(now.leaderEpoch), the controller named "
                    + (named.map(\.description) ?? "nobody"))
        }
        let isr = self.isrs[Version(partition: now.id, epoch: now.partitionEpoch)]
        if isr != now.isr {
            throw Violation(
                .committedISR,
                "leader \(node) of \(now.name) counts on ISR \(now.isr) in partition epoch \(now.partitionEpoch), "
                    + "committed is \(isr.map(\.description) ?? "none")")
        }
    }
}
