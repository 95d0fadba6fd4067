package import ApusCore
import Broker
import ClusterMetadata
import KafkaPrimitives
import KafkaRecords
import LogStorage
import Raft

/// Watches a cluster: after every event it looks at the node that the event was about, takes what has changed into the
/// memory, and lets every check see it.
///
/// Looking changes nothing in the world and draws nothing from its randomness.
package final class ClusterWatch {
    package let cluster: SimulatedCluster
    package let memory = ClusterMemory()
    package private(set) var checks: [any Check]
    /// The first promise that was seen broken.
    package private(set) var violation: Violation?

    private var lives: [NodeID: Int] = [:]
    /// How many of its disks each node had lost when its process began.
    private var emptied: [NodeID: Int] = [:]
    private var replicaChanges: [NodeID: Int] = [:]
    private var metadata = CommittedMetadata()

    package init(_ cluster: SimulatedCluster, checks: [any Check] = ClusterWatch.allChecks()) {
        self.cluster = cluster
        self.checks = checks
    }

    /// A new one of each check that every world has.
    package static func allChecks() -> [any Check] {
        [QuorumCheck(), LeadershipCheck(), ReplicationCheck(), ClientCheck()]
    }

    package func add(_ check: any Check) { self.checks.append(check) }

    /// Partitions that had an unclean election, in order.
    package var uncleanElections: [TopicIDPartition] { self.memory.mayHaveLost.sorted() }

    // MARK: - Looking

    /// Looks at the node that the last event was about; at all of them where that is not known.
    package func lookAfterEvent() {
        let world = self.cluster.world
        guard world.isActive else { return }
        if world.activeHost < 0 { return self.lookAtAll() }
        for node in self.cluster.nodes where node.host?.number == world.activeHost { return self.look(at: node) }
    }

    /// Looks at every node.
    package func lookAtAll() {
        for node in self.cluster.nodes { self.look(at: node) }
    }

    /// Looks at one node.
    package func look(at node: SimulatedNode) {
        guard self.violation == nil else { return }
        guard let process = node.node else {
            if self.lives.removeValue(forKey: node.id) != nil { self.forget(node.id) }
            return
        }
        if self.lives[node.id] != node.starts {
            if self.lives[node.id] != nil { self.forget(node.id) }
            self.lives[node.id] = node.starts
            if self.emptied[node.id, default: 0] != node.emptiedCount {
                self.emptied[node.id] = node.emptiedCount
                self.show(.emptied(node.id))
            }
            self.memory.registrationsAtStart[node.id] = self.memory.metadata.brokers[node.id]?.epoch ?? .unknown
            self.show(.started(node.id))
        }
        guard node.host?.isHalted == false else { return self.lookAtLast(of: node.id, process) }
        self.lookAtQuorum(of: node.id, process)
        self.lookAtReplicas(of: node.id, process)
    }

    /// A client tells what it was told.
    package func tell(_ sight: Sight) { self.show(sight) }

    /// Something else was seen broken.
    package func report(_ violation: Violation) {
        if self.violation == nil { self.violation = violation }
    }

    private func show(_ sight: Sight) {
        guard self.violation == nil else { return }
        do throws(Violation) {
            for check in self.checks { try check.see(sight, in: self.memory) }
        } catch {
            self.violation = error
        }
    }

    private func forget(_ node: NodeID) {
        self.memory.replicas[node] = nil
        self.memory.logs[node] = nil
        self.memory.quorum[node] = nil
        self.memory.quorumLogs[node] = nil
        self.replicaChanges[node] = nil
        self.show(.ended(node))
    }

    // MARK: - The quorum

    private func lookAtQuorum(of id: NodeID, _ process: Node) {
        let now = process.quorum
        let was = self.memory.quorum[id]
        guard now != was else { return }
        self.memory.quorum[id] = now
        if was == nil || was?.logEndOffset != now.logEndOffset || was?.epochs != now.epochs
            || was?.logStartOffset != now.logStartOffset
        {
            let epochs = now.epochs.map { (epoch: $0.epoch, start: $0.startOffset) }
            self.memory.quorumLogs[id, default: ObservedLog(startingAt: now.logStartOffset)].follow(
                start: now.logStartOffset, end: now.logEndOffset, epochs: epochs
            ) { (from, to, bytesMax) throws(LogError) in
                try process.storedMetadata(from: from, to: to, bytesMax: bytesMax)
            }
        }
        self.memory.noteMetadataCommitted(upTo: now.highWatermark ?? 0, in: now.election.epoch)
        self.extendMetadata(to: now.highWatermark ?? 0, from: process)
        self.show(.quorum(id, was: was, now: now))
    }

    private func extendMetadata(to end: Offset, from process: Node) {
        guard end > self.memory.metadataLog.endOffset else { return }
        do {
            while end > self.memory.metadataLog.endOffset {
                let bytes = try process.storedMetadata(
                    from: self.memory.metadataLog.endOffset, to: end, bytesMax: 1 << 20)
                let read = try self.metadata.read(bytes, after: &self.memory.metadataLog)
                for change in read {
                    self.memory.metadata = change.image
                    for sight in change.sights { self.showPartition(sight) }
                }
                if bytes.count == 0 { return }
            }
        } catch {
            self.report(Violation(.sameMetadata, "committed metadata cannot be read: \(error)"))
        }
    }

    private func showPartition(_ sight: Sight) {
        switch sight {
        case .partition(let id, let state):
            self.memory.noteLeader(of: id, state)
            if state.leaderRecoveryState == .recovering, self.mayLose(id.topicID) {
                self.memory.mayHaveLost.insert(id)
                self.memory.committed[id] = nil
            } else if self.memory.committed[id] == nil, !self.memory.mayHaveLost.contains(id) {
                self.memory.committed[id] = BatchList()
            }
        case .deleted(let topic, _):
            for id in self.memory.committed.keys where id.topicID == topic { self.memory.committed[id] = nil }
        case .started, .ended, .emptied, .quorum, .replica, .removed, .committed, .served, .located, .acknowledged:
            break
        }
        self.show(sight)
    }

    /// Whether an unclean election of the topic may lose what was committed. Where processes were killed and no disk
    /// forgot anything, the last leader has everything.
    private func mayLose(_ topic: TopicID) -> Bool {
        guard let name = self.memory.metadata.topic(id: topic)?.name else { return true }
        let isAllowed =
            self.memory.metadata.dynamicValue(topic: name, key: "unclean.leader.election.enable") == "true"
        return isAllowed || self.cluster.faultModel.hasDamaged
    }

    // MARK: - Replicas

    private func lookAtReplicas(of id: NodeID, _ process: Node) {
        let partitions = process.replicas
        if self.replicaChanges[id] != process.replicaChanges {
            self.replicaChanges[id] = process.replicaChanges
            let present = Set(partitions.map(\.id))
            for gone in (self.memory.replicas[id] ?? [:]).keys.sorted() where !present.contains(gone) {
                self.memory.replicas[id]?[gone] = nil
                self.memory.logs[id]?[gone] = nil
                self.show(.removed(id, gone))
            }
        }
        for partition in partitions { self.look(at: partition, of: id) }
    }

    /// A process that ended in the middle of what it did promises nothing more; but what it had sent before may say how
    /// much is committed.
    private func lookAtLast(of node: NodeID, _ process: Node) {
        for partition in process.replicas {
            let now = partition.figures
            self.memory.claim(now, of: node, after: self.memory.replicas[node]?[now.id])
        }
    }

    private func look(at partition: Partition, of node: NodeID) {
        let now = partition.figures
        let was = self.memory.replicas[node]?[now.id]
        if let was, was.isSameForChecks(as: now) { return }
        self.memory.replicas[node, default: [:]][now.id] = now
        self.memory.claim(now, of: node, after: was)
        // A partition that is gone, or that may have lost something rightly, is only followed by its epochs.
        if self.memory.committed[now.id] != nil, !self.cluster.node(node).isRotten {
            if was == nil || was?.logEndOffset != now.logEndOffset || was?.epochs != now.epochs
                || was?.logStartOffset != now.logStartOffset
            {
                self.follow(partition, now, of: node)
            }
            self.extendCommitted(now, of: node)
            self.show(.replica(node, was: was, now: now))
        }
    }

    private func follow(_ partition: Partition, _ now: PartitionFigures, of node: NodeID) {
        let epochs = now.epochs.map { (epoch: $0.epoch, start: $0.startOffset) }
        let fresh = ObservedLog(startingAt: now.logStartOffset)
        self.memory.logs[node, default: [:]][now.id, default: fresh].follow(
            start: now.logStartOffset, end: now.logEndOffset, epochs: epochs
        ) { (from, to, bytesMax) throws(LogError) in
            try partition.storedBatches(from: from, to: to, bytesMax: bytesMax)
        }
    }

    /// Takes what lies below a high watermark into the committed log.
    private func extendCommitted(_ now: PartitionFigures, of node: NodeID) {
        let end = min(now.highWatermark, self.memory.claimed[now.id] ?? 0)
        guard let log = self.memory.logs[node]?[now.id], let from = self.memory.committed[now.id]?.endOffset,
            end > from
        else { return }
        // What differs below is for a check to tell.
        if let committed = self.memory.committed[now.id], log.firstDifference(from: committed, upTo: from) != nil {
            return
        }
        for batch in log.batches.batches[log.batches.index(after: from)...] where batch.endOffset <= end {
            guard batch.baseOffset >= self.memory.committedEnd(now.id) else { continue }
            self.memory.committed[now.id]?.append(batch)
        }
        let reached = self.memory.committedEnd(now.id)
        if reached > from { self.show(.committed(now.id, from: from, to: reached)) }
    }
}

extension PartitionFigures {
    /// Whether nothing changed that any check looks at: what a leader knows of its followers changes with every fetch.
    fileprivate func isSameForChecks(as other: PartitionFigures) -> Bool {
        self.highWatermark == other.highWatermark && self.logEndOffset == other.logEndOffset
            && self.role == other.role && self.leaderEpoch == other.leaderEpoch
            && self.partitionEpoch == other.partitionEpoch && self.logStartOffset == other.logStartOffset
            && self.isr == other.isr && self.epochs == other.epochs && self.isLogFailed == other.isLogFailed
    }
}
