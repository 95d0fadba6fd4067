package import ApusCore

/// Leads its epoch.
package struct LeaderState: Hashable, Sendable {
    /// Where the epoch begins: the offset of the leader change record. Only when that is committed is it known how
    /// much of earlier epochs is.
    package let epochStartOffset: Offset
    /// Whether the leader change record is committed.
    package internal(set) var isEstablished = false
    /// The voters but this one, in ascending order of node id.
    package internal(set) var voters: [ReplicaProgress]
    /// Everyone else who fetches, in ascending order of replica key.
    package internal(set) var observers: [ReplicaProgress] = []
    /// Fetches that wait for something to tell, in the order in which they came.
    var parked: [ParkedFetch] = []
    let electedAt: Instant

    init(epochStartOffset: Offset, voters: [ReplicaKey], now: Instant) {
        self.epochStartOffset = epochStartOffset
        self.voters = voters.map { ReplicaProgress(replica: $0, nextNotice: now) }
        self.electedAt = now
    }

    struct ParkedFetch: Hashable, Sendable {
        var id: InboundRequestID
        var replica: ReplicaKey
        var offset: Offset
        var highWatermark: Offset
        var deadline: Instant
    }

    /// The highest offset that a majority of all voters holds durably, this one up to `flushedOffset`.
    func majorityOffset(flushedOffset: Offset, majority: Int) -> Offset {
        var offsets = self.voters.map(\.fetchOffset)
        offsets.append(flushedOffset)
        offsets.sort(by: >)
        return offsets[majority - 1]
    }

    /// The latest instant since which every member of some majority was heard; nil for a leader that is one by itself.
    func majorityHeardAt(majority: Int) -> Instant? {
        guard majority > 1 else { return nil }
        let heard = self.voters.map { $0.lastFetch ?? self.electedAt }.sorted(by: >)
        return heard[majority - 2]
    }
}
