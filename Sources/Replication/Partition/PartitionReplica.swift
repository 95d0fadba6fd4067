package import ApusCore

/// One replica of one partition on one broker: every decision about leading and following, and none of the doing.
///
/// The driver holds one lock over this value and the log, gives it what happened, and carries out `ReplicaEffects`.
///
/// Transitions (any other pair is the same role with new epochs):
///
/// | from | to | cause |
/// |---|---|---|
/// | offline | leader | `partitionChanged` names this broker as leader |
/// | offline | follower | `partitionChanged` names another broker, or none |
/// | follower | leader | `partitionChanged` with a newer partition epoch |
/// | leader | follower | `partitionChanged` with a newer partition epoch |
/// | leader, follower | offline | `stopped` |
///
/// An assignment whose partition epoch is older than the one known is dropped in every role.
///
/// Invariants: log start <= high watermark <= log end; a leader's high watermark never falls; at most one ISR change is
/// under way; the high watermark passes no offset that a member of the maximal ISR has not fetched past.
///
/// Source: Kafka 4.3's partition and replica state; KIP-101, KIP-279, KIP-320, KIP-392, KIP-497, KIP-841, KIP-903,
/// KIP-966.
package struct PartitionReplica: Equatable, Sendable {
    /// This broker.
    package let localID: NodeID
    package internal(set) var role: ReplicaRole
    /// The newest leader epoch this replica was told of; -1 before the first.
    package internal(set) var leaderEpoch: LeaderEpoch = .unknown
    /// The newest partition epoch this replica was told of; -1 before the first.
    package internal(set) var partitionEpoch: PartitionEpoch = -1
    /// The log as of the last input that told of it.
    package internal(set) var log: LogBounds
    /// The offset below which every record is committed (exclusive).
    package internal(set) var highWatermark: Offset
    package internal(set) var policy: ReplicaPolicy
    /// The epoch of this broker's own registration, for proposals.
    var localBrokerEpoch: BrokerEpoch = .unknown
    var nextProposalID: UInt64 = 0
    package internal(set) var produceWaiters = ProduceWaiters()
    package internal(set) var fetchWaiters = FetchWaiters()
    /// What has to be flushed before it is acknowledged; nil where nothing has.
    package internal(set) var flushDebt: FlushDebt?
    /// Appends with `acks=1` that wait for the flush.
    var flushWaiters = ProduceWaiters()

    /// A replica that is in no role yet.
    ///
    /// - Parameter highWatermark: the checkpointed one, or the log start; it is clamped to the log.
    package init(localID: NodeID, policy: ReplicaPolicy, log: LogBounds, highWatermark: Offset) {
        self.localID = localID
        self.policy = policy
        self.log = log
        self.highWatermark = log.clamped(highWatermark)
        self.role = .offline(OfflineRole(refusal: .notLeaderOrFollower))
    }

    /// The leader's part of the state, while this replica leads.
    package var leaderRole: LeaderRole? {
        switch self.role {
        case .leader(let leader): leader
        case .follower, .offline: nil
        }
    }

    package var isLeader: Bool {
        switch self.role {
        case .leader: true
        case .follower, .offline: false
        }
    }

    /// Takes the leader's part out so that its arrays are changed in place; `put` must follow at once.
    mutating func takeLeader() -> LeaderRole? {
        switch self.role {
        case .leader(let leader):
            self.role = .offline(OfflineRole(refusal: .notLeaderOrFollower))
            return leader
        case .follower, .offline:
            return nil
        }
    }

    mutating func put(_ leader: LeaderRole) {
        self.role = .leader(leader)
    }

    // MARK: - What the log tells

    /// The leader's log was appended to and now ends at `endOffset`.
    ///
    /// The high watermark moves at once where this replica is its whole ISR.
    package mutating func appended(endOffset: Offset, now: Instant, effects: inout ReplicaEffects) {
        precondition(endOffset >= self.log.endOffset, "an append moved the log end back")
        guard let leader = self.leaderRole else { preconditionFailure("only a leader appends on its own") }
        self.log.endOffset = endOffset
        self.advanceHighWatermark(leader, now: now, effects: &effects)
        self.fetchWaiters.advance(.logEnd, to: endOffset, into: &effects.wokenFetches)
    }

    /// A follower appended what its leader sent, or found nothing to append, and takes over the leader's ends.
    ///
    /// The high watermark becomes the leader's as far as the local log reaches. It does not fall when a newly elected
    /// leader still has a lower one: what was committed stays committed, and only a truncation takes it back.
    package mutating func replicated(
        endOffset: Offset, leaderHighWatermark: Offset, effects: inout ReplicaEffects
    ) {
        precondition(endOffset >= self.log.endOffset, "an append moved the log end back")
        precondition(!self.isLeader, "a leader replicates from nobody")
        self.log.endOffset = endOffset
        self.fetchWaiters.advance(.logEnd, to: endOffset, into: &effects.wokenFetches)
        let highWatermark = self.log.clamped(max(leaderHighWatermark, self.highWatermark))
        if highWatermark != self.highWatermark {
            self.moveHighWatermark(to: highWatermark, effects: &effects)
        }
    }

    /// A follower's log was truncated, or emptied to start elsewhere: it is now `log`.
    package mutating func truncated(to log: LogBounds, effects: inout ReplicaEffects) {
        precondition(!self.isLeader, "a leader never truncates")
        self.log = log
        self.forgetFlushDebt(beyond: log.endOffset)
        let highWatermark = log.clamped(self.highWatermark)
        if highWatermark != self.highWatermark {
            self.highWatermark = highWatermark
            effects.highWatermark = highWatermark
        }
        self.fetchWaiters.wakeAll(into: &effects.wokenFetches)
    }

    /// The log start rose: by retention, by DeleteRecords, or on a follower because its leader's did.
    package mutating func logStartAdvanced(to startOffset: Offset, effects: inout ReplicaEffects) {
        precondition(startOffset <= self.log.endOffset, "the log starts after its end")
        guard startOffset > self.log.startOffset else { return }
        let before = self.lowWatermark
        self.log.startOffset = startOffset
        if startOffset > self.highWatermark {
            self.moveHighWatermark(to: startOffset, effects: &effects)
        }
        self.noteLowWatermark(before: before, effects: &effects)
    }

    /// The topic's settings changed. A lower minimum may release the high watermark.
    package mutating func policyChanged(_ policy: ReplicaPolicy, now: Instant, effects: inout ReplicaEffects) {
        self.policy = policy
        guard let leader = self.leaderRole else { return }
        self.advanceHighWatermark(leader, now: now, effects: &effects)
    }

    // MARK: - Waiting fetches

    /// Registers a fetch to be woken when the end that bounds `isolation` passes `offset`; `nil` when there are too
    /// many, and the fetch must be answered with what there is.
    package mutating func awaitFetch(
        _ waiter: FetchWaiterID, isolation: FetchIsolation, offset: Offset
    ) -> FetchWaitToken? {
        self.fetchWaiters.add(waiter, isolation: isolation, offset: offset)
    }

    /// Ends a registration of a fetch that is being answered.
    package mutating func cancelFetch(_ token: FetchWaitToken) {
        self.fetchWaiters.cancel(token)
    }
}
