package import ApusCore
package import KafkaRecords

/// The settings of one topic's logs, under Kafka's names. Whoever owns the log sets them; a change takes effect at the
/// next decision that reads it.
package struct LogConfiguration: Hashable, Sendable {
    /// `segment.bytes`: a segment is rolled before it would grow beyond this.
    package var segmentBytes = 1_073_741_824
    /// `segment.ms`: a segment is rolled when its first record is older than this.
    package var segmentMilliseconds: Int64 = 604_800_000
    /// `segment.jitter.ms`: up to this much is taken off `segmentMilliseconds`, at random for each segment.
    package var segmentJitterMilliseconds: Int64 = 0
    /// `segment.index.bytes`: a segment is rolled when one of its indexes has this size.
    package var segmentIndexBytes = 10_485_760
    /// `index.interval.bytes`: an index entry is added after about this many bytes.
    package var indexIntervalBytes = 4096
    /// `retention.bytes`: old segments go while the rest is at least this large; negative is no limit.
    package var retentionBytes: Int64 = -1
    /// `retention.ms`: segments go whose newest record is older than this; negative is no limit.
    package var retentionMilliseconds: Int64 = 604_800_000
    /// `flush.messages`: records after which a flush is due.
    package var flushMessages: Int64 = .max
    /// `flush.ms`: milliseconds after which unflushed records are due for a flush.
    package var flushMilliseconds: Int64 = .max
    /// `max.message.bytes`: the largest batch a producer may send; the log itself does not enforce it.
    package var messageBytesMax = 1_048_588
    /// `message.timestamp.type`
    package var timestampType = TimestampType.createTime
    /// `message.timestamp.before.max.ms`
    package var timestampBeforeMaxMilliseconds: Int64 = .max
    /// `message.timestamp.after.max.ms`
    package var timestampAfterMaxMilliseconds: Int64 = 3_600_000
    /// `cleanup.policy`
    package var cleanupPolicy: CleanupPolicy = .delete
    /// `file.delete.delay.ms`: how long a removed file stays under its `.deleted` name.
    package var fileDeleteDelay = Interval.milliseconds(60_000)
    /// `compression.type`, where it is not `producer`.
    package var compression: CompressionCodec?
    /// `min.compaction.lag.ms`
    package var compactionLagMinMilliseconds: Int64 = 0
    /// `max.compaction.lag.ms`
    package var compactionLagMaxMilliseconds: Int64 = .max
    /// `min.cleanable.dirty.ratio`
    package var cleanableDirtyRatioMin = 0.5
    /// `delete.retention.ms`
    package var deleteRetentionMilliseconds: Int64 = 86_400_000
    /// `producer.id.expiration.ms`: an idle producer without a transaction is forgotten after this.
    package var producerIDExpirationMilliseconds: Int64 = 86_400_000
    /// `unclean.leader.election.enable`
    package var uncleanLeaderElection = false
    /// `min.insync.replicas`
    package var inSyncReplicasMin = 1

    package init() {}

    /// What happens to old records; both may be set, or (KIP-1161) neither.
    package struct CleanupPolicy: OptionSet, Hashable, Sendable {
        package var rawValue: UInt8

        package init(rawValue: UInt8) {
            self.rawValue = rawValue
        }

        package static let delete = CleanupPolicy(rawValue: 1)
        package static let compact = CleanupPolicy(rawValue: 2)
    }
}
