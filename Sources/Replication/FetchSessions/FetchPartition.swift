package import ApusCore

/// A partition as a fetch request names it: by topic id from version 13 on, by name before.
///
/// The part that a version does not carry is empty (`TopicID.zero`, the empty string).
package struct FetchPartitionKey: Hashable, Sendable {
    package var topicID: TopicID
    package var topic: String
    package var partition: PartitionIndex

    /// A partition of a request from version 13 on.
    package init(topicID: TopicID, partition: PartitionIndex) {
        self.topicID = topicID
        self.topic = ""
        self.partition = partition
    }

    /// A partition of a request up to version 12.
    package init(topic: String, partition: PartitionIndex) {
        self.topicID = .zero
        self.topic = topic
        self.partition = partition
    }
}

/// What a fetch request asks of one partition.
package struct FetchPartitionRequest: Equatable, Sendable {
    package var key: FetchPartitionKey
    /// -1 where the client does not know.
    package var currentLeaderEpoch: LeaderEpoch
    package var fetchOffset: Offset
    /// -1 where the client has none.
    package var lastFetchedEpoch: LeaderEpoch
    /// A follower's log start; -1 from a consumer.
    package var logStartOffset: Offset
    /// The most bytes of records wanted of this partition.
    package var maxBytes: Int32

    package init(
        key: FetchPartitionKey, currentLeaderEpoch: LeaderEpoch, fetchOffset: Offset, lastFetchedEpoch: LeaderEpoch,
        logStartOffset: Offset, maxBytes: Int32
    ) {
        self.key = key
        self.currentLeaderEpoch = currentLeaderEpoch
        self.fetchOffset = fetchOffset
        self.lastFetchedEpoch = lastFetchedEpoch
        self.logStartOffset = logStartOffset
        self.maxBytes = maxBytes
    }
}

/// One partition to be served within a session, and its place there.
package struct FetchSessionPartition: Equatable, Sendable {
    package var request: FetchPartitionRequest
    /// Goes into the answer's `slot`.
    package var slot: Int32
    /// The high watermark that the client was told last; -1 where it was told none.
    package var toldHighWatermark: Offset

    package init(request: FetchPartitionRequest, slot: Int32, toldHighWatermark: Offset = -1) {
        self.request = request
        self.slot = slot
        self.toldHighWatermark = toldHighWatermark
    }
}

/// The parts of a partition's answer that decide whether an incremental response carries it.
package struct FetchPartitionAnswer: Equatable, Sendable {
    /// The slot of the `FetchSessionPartition`; for a full request the position in the request.
    package var slot: Int32
    package var highWatermark: Offset
    package var logStartOffset: Offset
    /// The size of its records in bytes.
    package var recordsSize: Int
    package var error: ErrorCode
    /// It names a preferred read replica or diverging epochs.
    package var hasRedirection: Bool
    /// Set by the cache: the response carries this partition.
    package var isIncluded = true

    package init(
        slot: Int32, highWatermark: Offset, logStartOffset: Offset, recordsSize: Int, error: ErrorCode = .noError,
        hasRedirection: Bool = false
    ) {
        self.slot = slot
        self.highWatermark = highWatermark
        self.logStartOffset = logStartOffset
        self.recordsSize = recordsSize
        self.error = error
        self.hasRedirection = hasRedirection
    }
}
