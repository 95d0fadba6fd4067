package import ApusCore

/// What the leader knows of another replica.
package struct ReplicaProgress: Hashable, Sendable {
    package internal(set) var replica: ReplicaKey
    /// The end of the replica's log as of its last valid fetch; durable if it is a voter. -1 before the first.
    package internal(set) var fetchOffset: Offset = .unknown
    /// When it last fetched in this epoch.
    package internal(set) var lastFetch: Instant?
    /// The latest instant at which the replica held everything the leader held then (KIP-836).
    package internal(set) var lastCaughtUp: Instant?
    /// Where the leader's log ended at the last valid fetch.
    private var endOffsetAtLastFetch: Offset = .unknown
    /// When a voter is to be told who leads, unless it fetches before.
    var nextNotice: Instant
    /// How many notices in a row got no response.
    var failedNoticeCount = 0

    init(replica: ReplicaKey, nextNotice: Instant) {
        self.replica = replica
        self.nextNotice = nextNotice
    }

    /// The replica fetched from `offset`, the leader's log ending at `endOffset`.
    mutating func noteFetch(from offset: Offset, endOffset: Offset, now: Instant) {
        if offset >= endOffset {
            self.lastCaughtUp = now
        } else if self.endOffsetAtLastFetch >= 0, offset >= self.endOffsetAtLastFetch {
            self.lastCaughtUp = self.lastFetch
        }
        self.fetchOffset = offset
        self.lastFetch = now
        self.endOffsetAtLastFetch = endOffset
    }

    /// The replica was heard, but where its log stands is not known from it.
    mutating func noteContact(now: Instant) {
        self.lastFetch = now
    }
}
