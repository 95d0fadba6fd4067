import ApusCore

/// What a consumer knows of a partition that it reads.
final class ConsumerPartition {
    let topic: String
    let index: PartitionIndex
    /// Where reading begins, until the offset of that is known.
    var start: StartPosition?
    /// The next offset to fetch.
    var position: Offset = 0
    /// The leader epoch of what was read last.
    var lastEpoch: LeaderEpoch = .unknown
    /// Part of a request under way.
    var isInFlight = false
    var isPaused = false
    var hasFailed = false
    var retryAt: Instant?
    var refusedEpoch: LeaderEpoch?
    /// A follower that the leader sent us to, and until when we believe that.
    var preferred: (node: NodeID, until: Instant)?
    /// The handler was told that everything up to here is delivered.
    var reportedEnd: Offset?

    init(topic: String, index: PartitionIndex, start: StartPosition) {
        self.topic = topic
        self.index = index
        if case .offset(let offset) = start { self.position = offset } else { self.start = start }
    }
}
