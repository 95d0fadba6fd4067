extension BrokerConfigs {
    /// Compaction.
    static let logCleaner: [ConfigKey] = [
        ConfigKey(
            "log.cleaner.enable", .boolean, "true", .medium,
            "Compact logs whose cleanup policy asks for it."),
        ConfigKey(
            "log.cleaner.threads", .int, "1", valid: .atLeast(0), .medium, update: .clusterWide,
            "Threads that compact."),
        ConfigKey(
            "log.cleaner.io.max.bytes.per.second", .double, "1.7976931348623157E308", .medium, update: .clusterWide,
            "The most bytes that compaction reads and writes in a second."),
        ConfigKey(
            "log.cleaner.dedupe.buffer.size", .long, "134217728", .medium, update: .clusterWide,
            "Memory for the keys of all compaction threads."),
        ConfigKey(
            "log.cleaner.io.buffer.size", .int, "524288", valid: .atLeast(0), .medium, update: .clusterWide,
            "Memory for the reads and writes of all compaction threads."),
        ConfigKey(
            "log.cleaner.io.buffer.load.factor", .double, "0.9", .medium, update: .clusterWide,
            "How full the key map of compaction may get."),
        ConfigKey(
            "log.cleaner.backoff.ms", .long, "15000", valid: .atLeast(0), .medium, update: .clusterWide,
            "The wait before looking again when nothing was to be compacted."),
        ConfigKey(
            "log.cleaner.min.cleanable.ratio", .double, "0.5", valid: .fraction(0, 1), .medium, update: .clusterWide,
            "The part of a log that must be new before it is compacted."),
        ConfigKey(
            "log.cleaner.delete.retention.ms", .long, "86400000", valid: .atLeast(0), .medium, update: .clusterWide,
            "How long a deletion marker survives compaction."),
        ConfigKey(
            "log.cleaner.min.compaction.lag.ms", .long, "0", valid: .atLeast(0), .medium, update: .clusterWide,
            "How long a record stays before it may be compacted."),
        ConfigKey(
            "log.cleaner.max.compaction.lag.ms", .long, "9223372036854775807", valid: .atLeast(1), .medium,
            update: .clusterWide,
            "How long a record may stay before it must be compacted."),
    ]
}
