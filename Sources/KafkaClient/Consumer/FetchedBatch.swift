package import ApusCore
package import KafkaRecords

/// A batch as it was fetched. Its bytes are the received ones and stay valid for as long as it is held.
package struct FetchedBatch: Sendable {
    package var topic: String
    package var partition: PartitionIndex
    /// Whom it was fetched from: the leader, or a replica that is nearer.
    package var node: NodeID
    package var batch: RecordBatchView
    /// Records before this offset, which a batch may have in front, were not asked for.
    package var firstOffset: Offset
    /// The end of what all replicas in sync have, exclusive.
    package var highWatermark: Offset
}

/// What a consumer's handler is told besides batches.
package enum ConsumerEvent: Hashable, Sendable {
    /// The leader was asked where to begin, and said so.
    case began(at: Offset)
    /// Everything below `offset` was delivered, and there was no more when the broker was asked.
    case reachedEnd(Offset)
    /// The position was not in the log; reading goes on elsewhere as configured.
    case reset(from: Offset)
    /// The position was not in the log, and the configuration says not to go on.
    case outOfRange(Offset)
    /// The log was truncated: what was delivered from `to` on is not stored any more.
    case truncated(from: Offset, to: Offset)
    /// Reading this partition has ended for good.
    case failed(ClientError)
}

/// Receives what a consumer reads. Calls come on its loop.
package protocol ConsumerHandler: AnyObject, Sendable {
    func received(_ batch: FetchedBatch)

    func noticed(_ event: ConsumerEvent, topic: String, partition: PartitionIndex)
}
