extension BrokerConfigs {
    /// Partitions on disk, and the defaults of topics.
    static let log: [ConfigKey] = [
        ConfigKey(
            "log.dir", .list, "/tmp/kafka-logs", valid: .list(emptyAllowed: false), .high,
            "The log directory where log.dirs is not set."),
        ConfigKey(
            "log.dirs", .list, nil, valid: .list(emptyAllowed: false), .high,
            "The directories that hold the partitions."),
        ConfigKey(
            "cordoned.log.dirs", .list, "", valid: .list(), .medium, update: .perBroker,
            "Log directories that take no new partitions."),
        ConfigKey(
            "log.dir.failure.timeout.ms", .long, "30000", valid: .atLeast(1), .low,
            "A broker stops when it cannot report a failed log directory for this long."),
        ConfigKey(
            "log.segment.bytes", .int, "1073741824", valid: .atLeast(1_048_576), .high, update: .clusterWide,
            "The size at which a segment is rolled."),
        ConfigKey(
            "log.roll.ms", .long, nil, .high, update: .clusterWide,
            "The age at which a segment is rolled; log.roll.hours where it is not set."),
        ConfigKey(
            "log.roll.hours", .int, "168", valid: .atLeast(1), .high,
            "The age in hours at which a segment is rolled."),
        ConfigKey(
            "log.roll.jitter.ms", .long, nil, .high, update: .clusterWide,
            "A random part taken off the rolling age; log.roll.jitter.hours where it is not set."),
        ConfigKey(
            "log.roll.jitter.hours", .int, "0", valid: .atLeast(0), .high,
            "A random part, in hours, taken off the rolling age."),
        ConfigKey(
            "log.retention.ms", .long, nil, .high, update: .clusterWide,
            "How long records are kept, -1 for ever; log.retention.minutes where it is not set."),
        ConfigKey(
            "log.retention.minutes", .int, nil, .high,
            "How many minutes records are kept; log.retention.hours where it is not set."),
        ConfigKey(
            "log.retention.hours", .int, "168", .high,
            "How many hours records are kept."),
        ConfigKey(
            "log.retention.bytes", .long, "-1", .high, update: .clusterWide,
            "The size of a partition above which old segments are deleted; -1 sets no limit."),
        ConfigKey(
            "log.retention.check.interval.ms", .long, "300000", valid: .atLeast(1), .medium,
            "How often segments are looked at for deletion."),
        ConfigKey(
            "log.cleanup.policy", .list, "delete", valid: .list(allowed: ["compact", "delete"]), .medium,
            update: .clusterWide,
            "What happens to old segments: delete, compact, both, or nothing."),
        ConfigKey(
            "log.index.size.max.bytes", .int, "10485760", valid: .atLeast(4), .medium, update: .clusterWide,
            "The size of the offset index of a segment."),
        ConfigKey(
            "log.index.interval.bytes", .int, "4096", valid: .atLeast(0), .medium, update: .clusterWide,
            "Bytes of records between two entries of the offset index."),
        ConfigKey(
            "log.segment.delete.delay.ms", .long, "60000", valid: .atLeast(0), .high, update: .clusterWide,
            "How long a deleted file stays on disk."),
        ConfigKey(
            "log.flush.interval.messages", .long, "9223372036854775807", valid: .atLeast(1), .high,
            update: .clusterWide,
            "Records of a partition after which they are flushed to disk."),
        ConfigKey(
            "log.flush.interval.ms", .long, nil, .high, update: .clusterWide,
            "The longest time before records are flushed to disk."),
        ConfigKey(
            "log.flush.scheduler.interval.ms", .long, "9223372036854775807", .high,
            "How often partitions are looked at for a flush."),
        ConfigKey(
            "log.flush.offset.checkpoint.interval.ms", .int, "60000", valid: .atLeast(0), .high,
            "How often the flushed offsets are written to the recovery checkpoint."),
        ConfigKey(
            "log.flush.start.offset.checkpoint.interval.ms", .int, "60000", valid: .atLeast(0), .high,
            "How often log start offsets are written to their checkpoint."),
        ConfigKey(
            "log.preallocate", .boolean, "false", .medium, update: .clusterWide,
            "Reserve the space of a segment when it is created."),
        ConfigKey(
            "log.message.timestamp.type", .string, "CreateTime", valid: .oneOf(["CreateTime", "LogAppendTime"]),
            .medium, update: .clusterWide,
            "Whether a record's timestamp is when it was created or when it was appended."),
        ConfigKey(
            "log.message.timestamp.before.max.ms", .long, "9223372036854775807", valid: .atLeast(0), .medium,
            update: .clusterWide,
            "How far a record's timestamp may lie before the broker's clock."),
        ConfigKey(
            "log.message.timestamp.after.max.ms", .long, "3600000", valid: .atLeast(0), .medium, update: .clusterWide,
            "How far a record's timestamp may lie after the broker's clock."),
        ConfigKey(
            "log.initial.task.delay.ms", .long, "30000", valid: .atLeast(0), .low, isInternal: true,
            "The wait before the first housekeeping of logs after a start."),
        ConfigKey(
            "log.local.retention.ms", .long, "-2", valid: .atLeast(-2), .medium, update: .clusterWide,
            "How long records stay on local disk with tiered storage; -2 takes the whole retention."),
        ConfigKey(
            "log.local.retention.bytes", .long, "-2", valid: .atLeast(-2), .medium, update: .clusterWide,
            "How many bytes stay on local disk with tiered storage; -2 takes the whole retention."),
        ConfigKey(
            "num.recovery.threads.per.data.dir", .int, "2", valid: .atLeast(1), .high, update: .clusterWide,
            "Threads per log directory that recover logs at start and flush them at the end."),
        ConfigKey(
            "num.replica.alter.log.dirs.threads", .int, nil, .high,
            "Threads that move replicas between log directories."),
        ConfigKey(
            "message.max.bytes", .int, "1048588", valid: .atLeast(0), .high, update: .clusterWide,
            "The largest record batch that is accepted, after compression."),
        ConfigKey(
            "compression.type", .string, "producer",
            valid: .oneOf(["uncompressed", "zstd", "lz4", "snappy", "gzip", "producer"]), .high, update: .clusterWide,
            "The compression of stored batches; producer keeps what the producer chose."),
        ConfigKey(
            "compression.gzip.level", .int, "-1", valid: .gzipLevel, .medium, update: .clusterWide,
            "The level of gzip, 1 to 9, or -1 for the library's own."),
        ConfigKey(
            "compression.lz4.level", .int, "9", valid: .between(1, 17), .medium, update: .clusterWide,
            "The level of lz4."),
        ConfigKey(
            "compression.zstd.level", .int, "3", valid: .between(-131072, 22), .medium, update: .clusterWide,
            "The level of zstd."),
        ConfigKey(
            "producer.id.expiration.ms", .int, "86400000", valid: .atLeast(1), .low, update: .clusterWide,
            "How long the state of an idle producer is kept."),
        ConfigKey(
            "producer.id.expiration.check.interval.ms", .int, "600000", valid: .atLeast(1), .low, isInternal: true,
            "How often idle producers are looked for."),
    ]
}
