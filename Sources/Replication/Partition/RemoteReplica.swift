package import ApusCore

/// What a leader knows of one follower: where its log ends and when it had last caught up.
///
/// Source: KIP-16 (lag by time), KIP-392 (log start), KIP-903 (broker epoch).
package struct RemoteReplica: Equatable, Sendable {
    package let id: NodeID
    /// The offset of its latest fetch: it holds everything below. -1 before the first fetch of this leader's time.
    package internal(set) var logEndOffset: Offset = .unknown
    /// The log start it reported, or -1.
    package internal(set) var logStartOffset: Offset = .unknown
    /// The last instant at which it held all that the leader held.
    package internal(set) var lastCaughtUp: Instant = RemoteReplica.longAgo
    /// The epoch of the registration under which it fetched; -1 from a broker too old to say, `nil` before the first.
    package internal(set) var brokerEpoch: BrokerEpoch?
    /// What the metadata image says of its broker.
    var status: BrokerStatus
    /// It is in the committed ISR.
    package internal(set) var isInSync = false
    /// It is in the ISR that the controller may have committed: the committed one and a proposed addition.
    var isInMaximalISR = false
    /// The leader's log end when it last fetched, and that instant: a fetch that passes this end proves that the
    /// follower was caught up then.
    var lastFetchLeaderEndOffset: Offset = 0
    var lastFetch: Instant = RemoteReplica.longAgo

    /// Before every instant of a clock, with room to subtract.
    static var longAgo: Instant { Instant(nanoseconds: -(1 << 61)) }

    init(id: NodeID, status: BrokerStatus) {
        self.id = id
        self.status = status
    }

    /// Starts the accounting of a new leader epoch.
    ///
    /// A member of the ISR gets the whole lag time from now; anyone else counts as not caught up, so that it does not
    /// hold back the high watermark. A leader that led before keeps what it knows of log ends.
    mutating func resetForNewEpoch(epochStartOffset: Offset, isNewLeader: Bool, now: Instant) {
        self.lastCaughtUp = self.isInSync ? now : RemoteReplica.longAgo
        if isNewLeader {
            self.logStartOffset = .unknown
            self.logEndOffset = .unknown
            self.lastFetchLeaderEndOffset = .unknown
            self.lastFetch = RemoteReplica.longAgo
            self.brokerEpoch = nil
        } else {
            self.lastFetchLeaderEndOffset = epochStartOffset
            self.lastFetch = self.isInSync ? now : RemoteReplica.longAgo
        }
    }

    /// Takes in a fetch that was found valid.
    mutating func fetched(_ fetch: FollowerFetch, leaderEndOffset: Offset, now: Instant) {
        if fetch.fetchOffset >= leaderEndOffset {
            self.lastCaughtUp = max(self.lastCaughtUp, now)
        } else if fetch.fetchOffset >= self.lastFetchLeaderEndOffset {
            self.lastCaughtUp = max(self.lastCaughtUp, self.lastFetch)
        }
        self.logStartOffset = fetch.logStartOffset
        self.logEndOffset = fetch.fetchOffset
        self.lastFetchLeaderEndOffset = max(leaderEndOffset, self.lastFetchLeaderEndOffset)
        self.lastFetch = now
        self.brokerEpoch = fetch.brokerEpoch
    }

    /// Whether it has all records, or had them within the lag time.
    func isCaughtUp(leaderEndOffset: Offset, now: Instant, lagTimeMax: Interval) -> Bool {
        self.logEndOffset == leaderEndOffset || now - self.lastCaughtUp <= lagTimeMax
    }

    /// Whether its broker may join an ISR: registered, not fenced, not shutting down, and fetching under the
    /// registration that the metadata knows (KIP-841, KIP-903).
    var isISREligible: Bool {
        guard let fetching = self.brokerEpoch, let registered = self.status.epoch else { return false }
        return !self.status.isFenced && !self.status.isShuttingDown
            && (fetching == .unknown || fetching == registered)
    }
}
