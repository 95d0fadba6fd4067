package import ApusCore

/// A request between replicas of the metadata log, without what only the wire needs.
package enum RaftRequest: Hashable, Sendable {
    case vote(Vote)
    case beginQuorumEpoch(BeginQuorumEpoch)
    case endQuorumEpoch(EndQuorumEpoch)
    case fetch(Fetch)
    case fetchSnapshot(FetchSnapshot)

    /// Asks for a vote, or whether one would be given (KIP-595, KIP-996; VoteRequest version 2).
    package struct Vote: Hashable, Sendable {
        /// The candidate's epoch; with `isPreVote`, the epoch the sender is in and would leave.
        package var epoch: LeaderEpoch
        package var candidate: ReplicaKey
        /// Who is asked; nil in version 0.
        package var voter: ReplicaKey?
        /// The end of the candidate's log.
        package var logEnd: OffsetAndEpoch
        package var isPreVote: Bool

        package init(
            epoch: LeaderEpoch, candidate: ReplicaKey, voter: ReplicaKey?, logEnd: OffsetAndEpoch, isPreVote: Bool
        ) {
            self.epoch = epoch
            self.candidate = candidate
            self.voter = voter
            self.logEnd = logEnd
            self.isPreVote = isPreVote
        }
    }

    /// Says that the sender leads (BeginQuorumEpochRequest version 1).
    package struct BeginQuorumEpoch: Hashable, Sendable {
        package var epoch: LeaderEpoch
        package var leaderID: NodeID
        /// Who is told; nil in version 0.
        package var voter: ReplicaKey?

        package init(epoch: LeaderEpoch, leaderID: NodeID, voter: ReplicaKey?) {
            self.epoch = epoch
            self.leaderID = leaderID
            self.voter = voter
        }
    }

    /// Says that the sender no longer leads (EndQuorumEpochRequest version 1).
    package struct EndQuorumEpoch: Hashable, Sendable {
        package var epoch: LeaderEpoch
        package var leaderID: NodeID
        /// Who should stand for election, best first.
        package var preferredCandidates: [ReplicaKey]

        package init(epoch: LeaderEpoch, leaderID: NodeID, preferredCandidates: [ReplicaKey]) {
            self.epoch = epoch
            self.leaderID = leaderID
            self.preferredCandidates = preferredCandidates
        }
    }

    /// Asks for records, and acknowledges all below `offset` as durable if the sender is a voter (FetchRequest 18).
    package struct Fetch: Hashable, Sendable {
        /// The epoch the sender is in.
        package var epoch: LeaderEpoch
        /// Node -1 where the sender is no replica.
        package var replica: ReplicaKey
        /// The end of the sender's log, and the epoch of the record before it.
        package var position: OffsetAndEpoch
        /// How long the leader may keep the request while it has nothing to tell.
        package var maxWait: Interval
        /// The high watermark the sender knows, -1 for none; the largest offset where the version cannot tell
        /// (KIP-1166). The leader answers at once when its own is higher.
        package var highWatermark: Offset

        package init(
            epoch: LeaderEpoch, replica: ReplicaKey, position: OffsetAndEpoch, maxWait: Interval,
            highWatermark: Offset
        ) {
            self.epoch = epoch
            self.replica = replica
            self.position = position
            self.maxWait = maxWait
            self.highWatermark = highWatermark
        }
    }

    /// Asks for a piece of a snapshot (KIP-630; FetchSnapshotRequest version 1).
    package struct FetchSnapshot: Hashable, Sendable {
        package var epoch: LeaderEpoch
        package var replica: ReplicaKey
        package var snapshotID: OffsetAndEpoch
        /// In bytes from the beginning of the snapshot file.
        package var position: Int64

        package init(epoch: LeaderEpoch, replica: ReplicaKey, snapshotID: OffsetAndEpoch, position: Int64) {
            self.epoch = epoch
            self.replica = replica
            self.snapshotID = snapshotID
            self.position = position
        }
    }
}
