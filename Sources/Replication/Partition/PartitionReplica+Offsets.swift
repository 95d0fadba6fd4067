package import ApusCore

/// How far a ListOffsets request may look into a log.
package struct ListOffsetsLimit: Equatable, Sendable {
    /// The answer to LATEST, and the end (exclusive) for what a timestamp finds.
    package var lastFetchableOffset: Offset
    package var leaderEpoch: LeaderEpoch
    /// The high watermark has not reached the start of this leader's epoch: LATEST, and a timestamp that finds nothing
    /// below `lastFetchableOffset`, are answered with OFFSET_NOT_AVAILABLE (before version 5 LEADER_NOT_AVAILABLE).
    /// EARLIEST is answered all the same (KIP-207).
    package var isAwaitingHighWatermark: Bool

    package init(lastFetchableOffset: Offset, leaderEpoch: LeaderEpoch, isAwaitingHighWatermark: Bool) {
        self.lastFetchableOffset = lastFetchableOffset
        self.leaderEpoch = leaderEpoch
        self.isAwaitingHighWatermark = isAwaitingHighWatermark
    }
}

/// The answer to a request for offsets.
package enum OffsetsDecision<Answer: Equatable & Sendable>: Equatable, Sendable {
    case answer(Answer)
    case refuse(ErrorCode)
}

extension PartitionReplica {
    /// Decides what a ListOffsets request may see.
    ///
    /// - Parameters:
    ///   - isolation: `.logEnd` for a follower or a debugging client (replica id >= 0 or -2), else by isolation level.
    ///   - leaderOnly: false only for a debugging client.
    package func listOffsets(
        currentLeaderEpoch: LeaderEpoch?, isolation: FetchIsolation, leaderOnly: Bool, lastStableOffset: Offset
    ) -> OffsetsDecision<ListOffsetsLimit> {
        let refusal = self.refusal(currentLeaderEpoch: currentLeaderEpoch, leaderOnly: leaderOnly)
        guard refusal == .noError else { return .refuse(refusal) }
        let isAwaiting: Bool
        switch self.role {
        case .leader(let leader):
            isAwaiting = isolation != .logEnd && leader.epochStartOffset > self.highWatermark
        case .follower, .offline:
            isAwaiting = false
        }
        return .answer(
            ListOffsetsLimit(
                lastFetchableOffset: self.visibleEnd(isolation, lastStableOffset: lastStableOffset),
                leaderEpoch: self.leaderEpoch, isAwaitingHighWatermark: isAwaiting))
    }

    /// Answers one partition of OffsetForLeaderEpoch.
    ///
    /// - Parameter epochEnd: the log's end of the epoch asked for; `nil`, and then -1 and -1 are the answer, where it is
    ///   newer than every epoch of the log or the log has none.
    package func offsetForLeaderEpoch(
        currentLeaderEpoch: LeaderEpoch?, leaderOnly: Bool, epochEnd: EpochEndOffset?
    ) -> OffsetsDecision<EpochEndOffset> {
        let refusal = self.refusal(currentLeaderEpoch: currentLeaderEpoch, leaderOnly: leaderOnly)
        guard refusal == .noError else { return .refuse(refusal) }
        return .answer(epochEnd ?? .undefined)
    }

    /// Whether records that the leader of `leaderEpoch` sent may be appended at `offset`; asked under the lock, before
    /// the append.
    ///
    /// - Returns: `noError`; FENCED_LEADER_EPOCH for a leader that was deposed; UNKNOWN_LEADER_EPOCH for one not known
    ///   yet; NOT_LEADER_OR_FOLLOWER where this replica leads; OFFSET_OUT_OF_RANGE where the log ends elsewhere.
    package func replicationAdmission(leaderEpoch: LeaderEpoch, at offset: Offset) -> ErrorCode {
        let refusal = self.refusal(currentLeaderEpoch: leaderEpoch, leaderOnly: false)
        guard refusal == .noError else { return refusal }
        if self.isLeader { return .notLeaderOrFollower }
        return offset == self.log.endOffset ? .noError : .offsetOutOfRange
    }
}
