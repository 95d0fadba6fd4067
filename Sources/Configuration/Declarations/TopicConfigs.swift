/// The configs of topics.
///
/// Source: Kafka 4.3, `LogConfig`; what begins with `apus.` only this program has.
enum TopicConfigs {
    static let all: [ConfigKey] = [
        ConfigKey(
            "apus.leader.zones", .list, "", valid: .list(), .medium,
            "The zones (broker.rack) whose replicas should lead, the best first; empty for no preference."),
        ConfigKey(
            "cleanup.policy", .list, "delete", valid: .list(allowed: ["compact", "delete"]), .medium,
            "What happens to old segments: delete, compact, both, or nothing."),
        ConfigKey(
            "compression.gzip.level", .int, "-1", valid: .gzipLevel, .medium,
            "The level of gzip, 1 to 9, or -1 for the library's own."),
        ConfigKey(
            "compression.lz4.level", .int, "9", valid: .between(1, 17), .medium,
            "The level of lz4."),
        ConfigKey(
            "compression.type", .string, "producer",
            valid: .oneOf(["uncompressed", "zstd", "lz4", "snappy", "gzip", "producer"]), .medium,
            "The compression of stored batches; producer keeps what the producer chose."),
        ConfigKey(
            "compression.zstd.level", .int, "3", valid: .between(-131072, 22), .medium,
            "The level of zstd."),
        ConfigKey(
            "delete.retention.ms", .long, "86400000", valid: .atLeast(0), .medium,
            "How long a deletion marker survives compaction."),
        ConfigKey(
            "file.delete.delay.ms", .long, "60000", valid: .atLeast(0), .medium,
            "How long a deleted file stays on disk."),
        ConfigKey(
            "flush.messages", .long, "9223372036854775807", valid: .atLeast(1), .medium,
            "Records after which the partition is flushed to disk; 1 flushes every append."),
        ConfigKey(
            "flush.ms", .long, "9223372036854775807", valid: .atLeast(0), .medium,
            "The longest time before records are flushed to disk."),
        ConfigKey(
            "follower.replication.throttled.replicas", .list, "", valid: .throttledReplicas, .medium,
            "Replicas whose reading as followers is throttled."),
        ConfigKey(
            "index.interval.bytes", .int, "4096", valid: .atLeast(0), .medium,
            "Bytes of records between two entries of the offset index."),
        ConfigKey(
            "internal.segment.bytes", .int, nil, .medium, isInternal: true,
            "A smaller segment size, for tests."),
        ConfigKey(
            "leader.replication.throttled.replicas", .list, "", valid: .throttledReplicas, .medium,
            "Replicas whose answers to followers are throttled."),
        ConfigKey(
            "local.retention.bytes", .long, "-2", valid: .atLeast(-2), .medium,
            "How many bytes stay on local disk with tiered storage; -2 takes the whole retention."),
        ConfigKey(
            "local.retention.ms", .long, "-2", valid: .atLeast(-2), .medium,
            "How long records stay on local disk with tiered storage; -2 takes the whole retention."),
        ConfigKey(
            "max.compaction.lag.ms", .long, "9223372036854775807", valid: .atLeast(1), .medium,
            "How long a record may stay before it must be compacted."),
        ConfigKey(
            "max.message.bytes", .int, "1048588", valid: .atLeast(0), .medium,
            "The largest record batch that is accepted, after compression."),
        ConfigKey(
            "message.timestamp.after.max.ms", .long, "3600000", valid: .atLeast(0), .medium,
            "How far a record's timestamp may lie after the broker's clock."),
        ConfigKey(
            "message.timestamp.before.max.ms", .long, "9223372036854775807", valid: .atLeast(0), .medium,
            "How far a record's timestamp may lie before the broker's clock."),
        ConfigKey(
            "message.timestamp.type", .string, "CreateTime", valid: .oneOf(["CreateTime", "LogAppendTime"]), .medium,
            "Whether a record's timestamp is when it was created or when it was appended."),
        ConfigKey(
            "min.cleanable.dirty.ratio", .double, "0.5", valid: .fraction(0, 1), .medium,
            "The part of the log that must be new before it is compacted."),
        ConfigKey(
            "min.compaction.lag.ms", .long, "0", valid: .atLeast(0), .medium,
            "How long a record stays before it may be compacted."),
        ConfigKey(
            "min.insync.replicas", .int, "1", valid: .atLeast(1), .medium,
            "Replicas that must hold a record before acks=all is answered."),
        ConfigKey(
            "preallocate", .boolean, "false", .medium,
            "Reserve the space of a segment when it is created."),
        ConfigKey(
            "remote.log.copy.disable", .boolean, "false", .medium,
            "Copy nothing more to the remote store; what is there stays readable."),
        ConfigKey(
            "remote.log.delete.on.disable", .boolean, "false", .medium,
            "Delete what is in the remote store when tiered storage is turned off."),
        ConfigKey(
            "remote.storage.enable", .boolean, "false", .medium,
            "Use tiered storage for the topic."),
        ConfigKey(
            "retention.bytes", .long, "-1", .medium,
            "The size of a partition above which old segments are deleted; -1 sets no limit."),
        ConfigKey(
            "retention.ms", .long, "604800000", valid: .atLeast(-1), .medium,
            "How long records are kept; -1 for ever."),
        ConfigKey(
            "segment.bytes", .int, "1073741824", valid: .atLeast(1_048_576), .medium,
            "The size at which a segment is rolled."),
        ConfigKey(
            "segment.index.bytes", .int, "10485760", valid: .atLeast(4), .medium,
            "The size of the offset index of a segment."),
        ConfigKey(
            "segment.jitter.ms", .long, "0", valid: .atLeast(0), .medium,
            "A random part taken off the rolling age."),
        ConfigKey(
            "segment.ms", .long, "604800000", valid: .atLeast(1), .medium,
            "The age at which a segment is rolled."),
        ConfigKey(
            "unclean.leader.election.enable", .boolean, "false", .medium,
            "Allow a replica outside the ISR to lead when no other is left; records may be lost."),
    ]
}
