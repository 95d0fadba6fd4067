package import ApusCore

/// Where a log begins and ends: all that replication has to see of it, besides the ends of its epochs.
package struct LogBounds: Equatable, Sendable {
    /// The first offset that may still be read: `logStartOffset`.
    package var startOffset: Offset
    /// The offset that the next record will get: the LEO.
    package var endOffset: Offset

    /// A log from `startOffset` (inclusive) to `endOffset` (exclusive).
    package init(startOffset: Offset, endOffset: Offset) {
        precondition(startOffset >= 0 && startOffset <= endOffset, "a log ends before it starts")
        self.startOffset = startOffset
        self.endOffset = endOffset
    }

    /// `offset`, or the bound that it lies beyond.
    func clamped(_ offset: Offset) -> Offset {
        min(max(offset, self.startOffset), self.endOffset)
    }
}

/// The answer of a leader-epoch cache: the largest epoch that is not above the one asked for, and where it ends.
///
/// Source: `OffsetForLeaderEpochResponse`, KIP-101 and KIP-279. A log that cannot tell gives `nil` in its place.
package struct EpochEndOffset: Equatable, Sendable {
    /// The epoch that was found; at most the one asked for.
    package var leaderEpoch: LeaderEpoch
    /// The offset after the last record of that epoch (exclusive).
    package var endOffset: Offset

    package init(leaderEpoch: LeaderEpoch, endOffset: Offset) {
        self.leaderEpoch = leaderEpoch
        self.endOffset = endOffset
    }

    /// What a response carries where nothing is known: -1 and -1.
    package static var undefined: EpochEndOffset { EpochEndOffset(leaderEpoch: .unknown, endOffset: .unknown) }
}
