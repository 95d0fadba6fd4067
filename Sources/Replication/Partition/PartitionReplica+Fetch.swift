package import ApusCore

extension PartitionReplica {
    /// A follower fetches from this leader, and thereby says how far its log reaches.
    ///
    /// Nothing is taken from a fetch that is refused or whose log diverges: not of another leader epoch, not from
    /// outside the replicas, not under an older registration than the metadata knows, not beyond this log's end.
    /// The log end of this moment counts, so that later appends cannot keep a follower out of sync.
    ///
    /// - Parameter lastEpochEnd: the log's end of `fetch.lastFetchedEpoch`, where that is not `nil`; `nil` where the
    ///   leader-epoch cache does not know.
    package mutating func followerFetched(
        _ fetch: FollowerFetch, lastEpochEnd: EpochEndOffset?, now: Instant, effects: inout ReplicaEffects
    ) -> FetchDecision {
        let refusal = self.refusal(currentLeaderEpoch: fetch.currentLeaderEpoch, leaderOnly: true)
        guard refusal == .noError, var leader = self.takeLeader() else { return .refuse(refusal) }
        defer { self.put(leader) }
        guard let index = leader.index(of: fetch.replicaID) else {
            // The metadata that adds the replica may not be here yet; with an epoch given the follower is known to be
            // no older than this leader, and asks again.
            return .refuse(fetch.currentLeaderEpoch == nil ? .notLeaderOrFollower : .unknownLeaderEpoch)
        }
        switch self.decide(
            fetchOffset: fetch.fetchOffset, lastFetchedEpoch: fetch.lastFetchedEpoch, lastEpochEnd: lastEpochEnd,
            upTo: self.log.endOffset)
        {
        case .refuse(let error): return .refuse(error)
        case .diverging(let end): return .diverging(end)
        case .read: break
        }
        if fetch.brokerEpoch != .unknown, let registered = leader.replicas[index].status.epoch,
            registered > fetch.brokerEpoch
        {
            return .refuse(.notLeaderOrFollower)
        }
        let previousEndOffset = leader.replicas[index].logEndOffset
        let hasNewStart = leader.replicas[index].logStartOffset != fetch.logStartOffset
        let lowBefore = hasNewStart ? self.lowWatermark(leader) : self.log.startOffset
        leader.replicas[index].fetched(fetch, leaderEndOffset: self.log.endOffset, now: now)
        if hasNewStart {
            let low = self.lowWatermark(leader)
            // That nothing is deleted, which every first fetch tells, is no news.
            if low > max(lowBefore, 0) { effects.lowWatermark = low }
        }
        self.maybeExpandISR(&leader, with: index, now: now, effects: &effects)
        if previousEndOffset != fetch.fetchOffset {
            self.advanceHighWatermark(leader, now: now, effects: &effects)
        }
        return .read(upTo: self.log.endOffset)
    }

    /// A consumer fetches from this leader, or from this follower where it may.
    ///
    /// Between the end it may see and the log end it gets no records and no error; beyond the log, OFFSET_OUT_OF_RANGE.
    ///
    /// - Parameters:
    ///   - lastEpochEnd: as in `followerFetched`.
    ///   - lastStableOffset: the log's; only used where the isolation asks for it.
    package func consumerFetched(
        _ fetch: ConsumerFetch, lastEpochEnd: EpochEndOffset?, lastStableOffset: Offset
    ) -> FetchDecision {
        let refusal = self.refusal(currentLeaderEpoch: fetch.currentLeaderEpoch, leaderOnly: !fetch.mayReadFollower)
        guard refusal == .noError else { return .refuse(refusal) }
        return self.decide(
            fetchOffset: fetch.fetchOffset, lastFetchedEpoch: fetch.lastFetchedEpoch, lastEpochEnd: lastEpochEnd,
            upTo: self.visibleEnd(fetch.isolation, lastStableOffset: lastStableOffset))
    }

    /// The end (exclusive) of what a reader with `isolation` may see.
    package func visibleEnd(_ isolation: FetchIsolation, lastStableOffset: Offset) -> Offset {
        switch isolation {
        case .logEnd: self.log.endOffset
        case .highWatermark: self.highWatermark
        case .lastStable: min(lastStableOffset, self.highWatermark)
        }
    }

    /// Why a request with this leader epoch cannot be served, or `noError`.
    ///
    /// An older epoch is FENCED_LEADER_EPOCH, a newer one UNKNOWN_LEADER_EPOCH, and then a follower that is asked for
    /// what only leaders serve says NOT_LEADER_OR_FOLLOWER (KIP-320).
    package func refusal(currentLeaderEpoch: LeaderEpoch?, leaderOnly: Bool) -> ErrorCode {
        switch self.role {
        case .offline(let offline):
            return offline.refusal
        case .follower, .leader:
            break
        }
        if let currentLeaderEpoch {
            if currentLeaderEpoch < self.leaderEpoch { return .fencedLeaderEpoch }
            if currentLeaderEpoch > self.leaderEpoch { return .unknownLeaderEpoch }
        }
        return leaderOnly && !self.isLeader ? .notLeaderOrFollower : .noError
    }

    private func decide(
        fetchOffset: Offset, lastFetchedEpoch: LeaderEpoch?, lastEpochEnd: EpochEndOffset?, upTo end: Offset
    ) -> FetchDecision {
        if let lastFetchedEpoch {
            guard let lastEpochEnd, lastEpochEnd.endOffset >= 0, lastEpochEnd.leaderEpoch >= 0 else {
                return .refuse(.offsetOutOfRange)
            }
            if fetchOffset < self.log.startOffset { return .refuse(.offsetOutOfRange) }
            if lastEpochEnd.leaderEpoch < lastFetchedEpoch || lastEpochEnd.endOffset < fetchOffset {
                return .diverging(lastEpochEnd)
            }
        }
        if fetchOffset < self.log.startOffset || fetchOffset > self.log.endOffset {
            return .refuse(.offsetOutOfRange)
        }
        return .read(upTo: end)
    }
}
