import ApusCore

/// What a fetcher knows of one partition.
///
/// | from | to | cause |
/// |---|---|---|
/// | (none) | fetching | `add` of a log whose epochs are known, or that is empty |
/// | (none) | truncating | `add` of a log older than epochs, which is cut to its high watermark |
/// | fetching | truncating | the leader found the logs diverging |
/// | fetching | awaitingLeaderOffsets | OFFSET_OUT_OF_RANGE |
/// | truncating | fetching | `truncated` |
/// | fetching | flushing | what was appended has to be on the disk first (`flushing`) |
/// | flushing | fetching | `flushed` |
/// | awaitingLeaderOffsets | truncating, fetching | `leaderOffsetsReceived` |
/// | awaitingLeaderOffsets | fetching, after the backoff | `leaderOffsetsFailed` |
/// | any | (none) | `remove`, FENCED_LEADER_EPOCH, a failed log |
/// | any | as (none) | `add` with a newer leader epoch |
package enum FollowedPartitionState: Equatable, Sendable {
    case fetching
    /// The driver is cutting the log.
    case truncating
    /// The driver is bringing what was appended to the disk; the next fetch would acknowledge it.
    case flushing
    /// The driver is asking the leader for its ends.
    case awaitingLeaderOffsets
}

struct FollowedPartition: Equatable, Sendable {
    let partition: TopicIDPartition
    var state: FollowedPartitionState
    var position: FollowerPosition
    /// It is not fetched before this instant.
    var delayedUntil: Instant?
    /// Errors in a row.
    var failures = 0
    /// The position that the session holds, or `nil` where the session does not have the partition.
    var sent: FollowerPosition?
    /// It is among those to be looked at when the next request is built.
    var isDirty = false

    var isReady: Bool {
        switch self.state {
        case .fetching: self.delayedUntil == nil
        case .truncating, .flushing, .awaitingLeaderOffsets: false
        }
    }
}
