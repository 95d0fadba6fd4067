package import ApusCore

/// One partition of a follower's fetch request.
package struct FollowerFetch: Equatable, Sendable {
    package var replicaID: NodeID
    /// The epoch of the follower's registration; -1 before version 15.
    package var brokerEpoch: BrokerEpoch
    /// The follower's log end: it holds everything below.
    package var fetchOffset: Offset
    /// The follower's log start.
    package var logStartOffset: Offset
    /// The leader epoch that the follower knows; `nil` before version 9.
    package var currentLeaderEpoch: LeaderEpoch?
    /// The epoch of the follower's last record; `nil` before version 12 or where it has none (-1 on the wire).
    package var lastFetchedEpoch: LeaderEpoch?

    package init(
        replicaID: NodeID, brokerEpoch: BrokerEpoch, fetchOffset: Offset, logStartOffset: Offset,
        currentLeaderEpoch: LeaderEpoch?, lastFetchedEpoch: LeaderEpoch?
    ) {
        self.replicaID = replicaID
        self.brokerEpoch = brokerEpoch
        self.fetchOffset = fetchOffset
        self.logStartOffset = logStartOffset
        self.currentLeaderEpoch = currentLeaderEpoch
        self.lastFetchedEpoch = lastFetchedEpoch
    }
}

/// One partition of a consumer's fetch request.
package struct ConsumerFetch: Equatable, Sendable {
    package var fetchOffset: Offset
    /// The leader epoch that the consumer knows; `nil` where it is too old to say.
    package var currentLeaderEpoch: LeaderEpoch?
    /// The epoch of the last record the consumer read; `nil` where it has none.
    package var lastFetchedEpoch: LeaderEpoch?
    package var isolation: FetchIsolation
    /// Whether a follower may answer: from version 11 on (KIP-392).
    package var mayReadFollower: Bool

    package init(
        fetchOffset: Offset, currentLeaderEpoch: LeaderEpoch?, lastFetchedEpoch: LeaderEpoch?,
        isolation: FetchIsolation, mayReadFollower: Bool
    ) {
        self.fetchOffset = fetchOffset
        self.currentLeaderEpoch = currentLeaderEpoch
        self.lastFetchedEpoch = lastFetchedEpoch
        self.isolation = isolation
        self.mayReadFollower = mayReadFollower
    }
}

/// What to answer to one partition of a fetch.
package enum FetchDecision: Equatable, Sendable {
    /// Read from the fetch offset up to this offset (exclusive); nothing where it is not ahead.
    case read(upTo: Offset)
    /// Send no records but where the logs part: the reader's last epoch ends here in this log (KIP-595).
    case diverging(EpochEndOffset)
    case refuse(ErrorCode)
}
