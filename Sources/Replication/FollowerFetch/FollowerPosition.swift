package import ApusCore

/// Where a follower stands in one partition: what it says to the leader in its next fetch.
package struct FollowerPosition: Equatable, Sendable {
    /// The leader epoch under which it follows.
    package var leaderEpoch: LeaderEpoch
    /// Its log end.
    package var fetchOffset: Offset
    /// The epoch of its last record, or `nil` where it has none: the leader finds out by it where the logs part.
    package var lastFetchedEpoch: LeaderEpoch?
    /// Its log start.
    package var logStartOffset: Offset

    package init(
        leaderEpoch: LeaderEpoch, fetchOffset: Offset, lastFetchedEpoch: LeaderEpoch?, logStartOffset: Offset
    ) {
        self.leaderEpoch = leaderEpoch
        self.fetchOffset = fetchOffset
        self.lastFetchedEpoch = lastFetchedEpoch
        self.logStartOffset = logStartOffset
    }
}

/// The settings of replica fetching.
package struct FollowerFetchPolicy: Equatable, Sendable {
    /// `replica.fetch.backoff.ms`: how long a partition rests at most after an error, and a fetcher after a lost
    /// connection.
    package var backoff: Interval
    /// How long it rests after the first error; twice as long after each that follows at once. After an election a
    /// follower often asks before its new leader knows of its office, and acknowledgements of all wait for it.
    package var firstBackoff: Interval
    /// How long the other partitions wait for one whose log is at the disk: a request that is under way without it may
    /// be answered much later than the disk is done.
    package var patience: Interval
    /// `replica.fetch.max.bytes`: the most bytes asked of one partition.
    package var partitionBytesMax: Int32

    package init(
        backoff: Interval = .milliseconds(1000), firstBackoff: Interval = .milliseconds(10),
        patience: Interval = .milliseconds(20), partitionBytesMax: Int32 = 1_048_576
    ) {
        self.backoff = backoff
        self.firstBackoff = firstBackoff
        self.patience = patience
        self.partitionBytesMax = partitionBytesMax
    }

    /// How long to rest after so many errors in a row, the present one not counted.
    func backoff(after failures: Int) -> Interval {
        let factor = Int64(1) << Int64(min(failures, 20))
        return min(self.backoff, Interval(nanoseconds: self.firstBackoff.nanoseconds * factor))
    }
}

/// The partitions and session fields of the next fetch request to a leader.
///
/// The driver keeps one value and passes it to every `nextFetch`; the arrays keep their room.
package struct FollowerFetchRequest: Equatable, Sendable {
    /// A partition that is new to the session or whose position changed.
    package struct Partition: Equatable, Sendable {
        package var partition: TopicIDPartition
        package var position: FollowerPosition
        package var bytesMax: Int32

        package init(partition: TopicIDPartition, position: FollowerPosition, bytesMax: Int32) {
            self.partition = partition
            self.position = position
            self.bytesMax = bytesMax
        }
    }

    package var session: FetchSessionMetadata = .initial
    package var partitions: [Partition] = []
    /// Partitions that leave the session.
    package var forgotten: [TopicIDPartition] = []
    /// How long the leader may hold its answer at most, where that is less than usual: another partition is to be asked
    /// for soon. `nil` where it is not.
    package var waitMax: Interval?

    package init() {}
}

/// One partition of the leader's response, without its records.
package struct LeaderFetchAnswer: Equatable, Sendable {
    package var partition: TopicIDPartition
    package var error: ErrorCode
    package var divergingEpoch: EpochEndOffset?

    package init(partition: TopicIDPartition, error: ErrorCode = .noError, divergingEpoch: EpochEndOffset? = nil) {
        self.partition = partition
        self.error = error
        self.divergingEpoch = divergingEpoch
    }
}

/// What a follower does with one partition of a response.
package enum FollowerDecision: Equatable, Sendable {
    /// The partition moved on since the request was sent; drop its part of the response.
    case ignore
    /// Under the replica's lock, and if `PartitionReplica.replicationAdmission` agrees: append the records, whose first
    /// offset is `offset`, as far as their batches' epochs are not above `leaderEpoch`, then tell
    /// `PartitionReplica.replicated` and `logStartAdvanced` the leader's ends; then `appended` or `appendFailed` here.
    /// Also for a response without records.
    case append(at: Offset, leaderEpoch: LeaderEpoch)
    /// Under the replica's lock, and if it still follows under `leaderEpoch`: look up the local log's end of the
    /// leader's epoch, truncate as `FollowerFetchState.truncation` says, then `truncated` here.
    case truncate(EpochEndOffset, leaderEpoch: LeaderEpoch)
    /// The leader does not have the position: ask it for its earliest and latest offsets under this epoch
    /// (ListOffsets), then `leaderOffsetsReceived` or `leaderOffsetsFailed` here.
    case queryLeaderOffsets(leaderEpoch: LeaderEpoch)
    /// A newer leader epoch exists; the partition is no longer fetched until the metadata brings it (`add`).
    case remove
    /// Try again, not before this instant.
    case backOff(until: Instant)
}

/// How a follower's log is cut to fit its leader's.
package enum FollowerTruncation: Equatable, Sendable {
    /// It fits: fetch on from its end.
    case none
    /// Remove every record from this offset on, and every epoch that begins there or later, even if there is no record.
    case truncate(to: Offset)
    /// Remove everything, and begin anew at this offset: `truncateFullyAndStartAt`.
    case restart(at: Offset)
}
