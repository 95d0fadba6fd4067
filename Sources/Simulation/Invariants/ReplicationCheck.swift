import ApusCore
import Broker
import ClusterMetadata

/// The promises about records: what is committed is the same everywhere, and those who may lead have all of it.
package final class ReplicationCheck: Check {
    /// Partitions that the metadata changed. A batch of metadata is applied as a whole: what lies between two of its
    /// records never was.
    private var changed: [TopicIDPartition] = []

    package init() {}

    package func see(_ sight: Sight, in memory: ClusterMemory) throws(Violation) {
        switch sight {
        case .replica(let node, let was, let now):
            try self.checkHighWatermark(node, was, now, memory)
            try self.checkPrefix(node, now, memory)
            if now.role == .leader, was?.role != .leader || was?.leaderEpoch != now.leaderEpoch {
                try self.checkLeader(node, now, memory)
            }
            if was?.logEndOffset ?? 0 > now.logEndOffset { try self.checkMember(node, now, memory) }
        case .committed(let id, _, _): try self.checkMembers(of: id, memory)
        case .partition(let id, _): self.changed.append(id)
        case .quorum:
            let changed = self.changed
            self.changed.removeAll(keepingCapacity: true)
            for id in changed { try self.checkMembers(of: id, memory) }
        case .started, .ended, .emptied, .deleted, .removed, .served, .located, .acknowledged: break
        }
    }

    private func checkMembers(of id: TopicIDPartition, _ memory: ClusterMemory) throws(Violation) {
        for node in memory.metadata.partition(id)?.isr ?? [] {
            if let figures = memory.replicas[node]?[id] { try self.checkMember(node, figures, memory) }
        }
    }

    private func checkHighWatermark(
        _ node: NodeID, _ was: PartitionFigures?, _ now: PartitionFigures, _ memory: ClusterMemory
    ) throws(Violation) {
        if let was, was.role == .leader, now.role == .leader, now.leaderEpoch == was.leaderEpoch,
            now.highWatermark < was.highWatermark
        {
            throw Violation(
                .monotonicHighWatermark,
                "leader \(node) of \(now.name) went from \(was.highWatermark) back to \(now.highWatermark) in epoch "
                    + "\(now.leaderEpoch)")
        }
        let committed = max(memory.committedEnd(now.id), memory.claimed[now.id] ?? 0)
        if now.highWatermark > committed, memory.logs[node]?[now.id]?.isUnreadable != true {
            throw Violation(
                .monotonicHighWatermark,
                "\(now.name) on node \(node) has high watermark \(now.highWatermark), leaders have committed "
                    + "\(committed)")
        }
    }

    private func checkPrefix(_ node: NodeID, _ now: PartitionFigures, _ memory: ClusterMemory) throws(Violation) {
        guard let log = memory.logs[node]?[now.id], let committed = memory.committed[now.id] else { return }
        let end = min(now.highWatermark, log.batches.endOffset)
        guard end > log.verifiedEnd else { return }
        if let conflict = log.firstDifference(from: committed, upTo: end) {
            throw Violation(
                .samePrefix, "\(now.name) on node \(node) has \(conflict.own), committed is \(conflict.other)")
        }
        memory.logs[node]?[now.id]?.verifiedEnd = end
    }

    /// A broker that has registered in this life and is in the committed ISR may be elected at any time.
    private func checkMember(_ node: NodeID, _ now: PartitionFigures, _ memory: ClusterMemory) throws(Violation) {
        let committed = memory.committedEnd(now.id)
        guard now.logEndOffset < committed, memory.isRegistered(node),
            memory.metadata.partition(now.id)?.isr.contains(node) ?? false
        else { return }
        throw Violation(
            .completeISR,
            "\(node) is in the ISR of \(now.name) with a log up to \(now.logEndOffset), committed is \(committed)")
    }

    private func checkLeader(_ node: NodeID, _ now: PartitionFigures, _ memory: ClusterMemory) throws(Violation) {
        guard let committed = memory.committed[now.id], let log = memory.logs[node]?[now.id] else { return }
        // Who comes back leads for a while as it did before, as far as its metadata goes; nobody follows it.
        guard memory.metadata.partition(now.id)?.leaderEpoch == now.leaderEpoch else { return }
        if now.logEndOffset < committed.endOffset {
            throw Violation(
                .completeLeader,
                "node \(node) leads \(now.name) in epoch \(now.leaderEpoch) with a log up to \(now.logEndOffset), "
                    + "committed is \(committed.endOffset)")
        }
        guard !log.isUnreadable, let conflict = log.firstDifference(from: committed, upTo: committed.endOffset) else {
            return
        }
        throw Violation(
            .completeLeader,
            "node \(node) leads \(now.name) in epoch \(now.leaderEpoch) with \(conflict.own), committed is "
                + "\(conflict.other)")
    }
}
