import ApusCore
import Broker
import ClusterMetadata
import Raft

/// The promises of the metadata quorum: one leader an epoch, epochs and votes that are never forgotten, one committed log.
package final class QuorumCheck: Check {
    private struct Vote: Hashable {
        var node: NodeID
        var epoch: LeaderEpoch
    }

    private var leaders: [LeaderEpoch: NodeID] = [:]
    private var votes: [Vote: NodeID] = [:]
    private var epochs: [NodeID: LeaderEpoch] = [:]

    package init() {}

    package func see(_ sight: Sight, in memory: ClusterMemory) throws(Violation) {
        switch sight {
        case .quorum(let node, let was, let now):
            try self.checkElection(node, now)
            try self.checkLog(node, was, now, memory)
        case .emptied(let node):
            // Who lost its disk has forgotten; that its votes are not counted twice is for the fault's choice of nodes.
            self.epochs[node] = nil
            self.votes = self.votes.filter { $0.key.node != node }
        case .started, .ended, .partition, .deleted, .replica, .removed, .committed, .served, .located, .acknowledged:
            break
        }
    }

    private func checkElection(_ node: NodeID, _ now: QuorumFigures) throws(Violation) {
        let epoch = now.election.epoch
        if let last = self.epochs[node], epoch < last {
            throw Violation(.monotonicQuorumEpoch, "node \(node) went from epoch \(last) back to \(epoch)")
        }
        self.epochs[node] = epoch
        let leading = now.role == .leader || now.role == .resigned ? node : nil
        for leader in [leading, now.election.leaderID, now.leader].compactMap(\.self) {
            if let known = self.leaders[epoch], known != leader {
                throw Violation(
                    .oneQuorumLeader, "epoch \(epoch) has leaders \(known) and \(leader), as node \(node) has it")
            }
            self.leaders[epoch] = leader
        }
        let vote = Vote(node: node, epoch: epoch)
        if let voted = now.election.voted?.id {
            if let before = self.votes[vote], before != voted {
                throw Violation(.oneVote, "node \(node) voted for \(before) and for \(voted) in epoch \(epoch)")
            }
            self.votes[vote] = voted
        } else if let before = self.votes[vote], now.election.leaderID == nil {
            throw Violation(.oneVote, "node \(node) forgot its vote for \(before) in epoch \(epoch)")
        }
    }

    private func checkLog(
        _ node: NodeID, _ was: QuorumFigures?, _ now: QuorumFigures, _ memory: ClusterMemory
    ) throws(Violation) {
        if let before = was?.highWatermark, now.highWatermark ?? .unknown < before {
            throw Violation(
                .monotonicHighWatermark,
                "node \(node) took the metadata's high watermark from \(before) to "
                    + (now.highWatermark?.description ?? "nothing"))
        }
        let isElected = now.role == .leader && (was?.role != .leader || was?.election.epoch != now.election.epoch)
        let needed = memory.metadataEnd(before: now.election.epoch)
        if isElected, now.logEndOffset < needed {
            throw Violation(
                .completeQuorumLeader,
                "node \(node) leads epoch \(now.election.epoch) with a log up to \(now.logEndOffset), committed is "
                    + "\(needed)")
        }
        guard let log = memory.quorumLogs[node], !log.isUnreadable else { return }
        let committed = memory.metadataLog
        let end = min(now.highWatermark ?? 0, log.batches.endOffset)
        if let conflict = log.firstDifference(from: committed, upTo: end) {
            throw Violation(
                .sameMetadata, "node \(node) has \(conflict.own) in its metadata log, committed is \(conflict.other)")
        }
        memory.quorumLogs[node]?.verifiedEnd = max(log.verifiedEnd, min(end, committed.endOffset))
        if isElected, let conflict = log.firstDifference(from: committed, upTo: needed) {
            throw Violation(
                .completeQuorumLeader,
                "node \(node) leads epoch \(now.election.epoch) with \(conflict.own), committed is \(conflict.other)")
        }
    }
}
