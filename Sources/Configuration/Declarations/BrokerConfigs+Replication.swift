extension BrokerConfigs {
    /// Followers and waiting requests.
    static let replication: [ConfigKey] = [
        ConfigKey(
            "replica.lag.time.max.ms", .long, "30000", .high,
            "A follower that has not caught up for this long leaves the ISR."),
        ConfigKey(
            "replica.fetch.max.bytes", .int, "1048576", valid: .atLeast(0), .medium,
            "Bytes that a follower asks of each partition."),
        ConfigKey(
            "replica.fetch.response.max.bytes", .int, "10485760", valid: .atLeast(0), .medium,
            "Bytes that a follower asks of one fetch."),
        ConfigKey(
            "replica.fetch.min.bytes", .int, "1", .high,
            "Bytes that a follower waits for."),
        ConfigKey(
            "replica.fetch.wait.max.ms", .int, "500", .high,
            "How long the leader holds a follower's fetch that has nothing to answer."),
        ConfigKey(
            "replica.fetch.backoff.ms", .int, "1000", valid: .atLeast(0), .medium,
            "The wait of a follower after a failed fetch of a partition."),
        ConfigKey(
            "replica.socket.timeout.ms", .int, "30000", .high,
            "How long a follower's request may take."),
        ConfigKey(
            "replica.socket.receive.buffer.bytes", .int, "65536", .high,
            "The kernel's receive buffer of a follower's connection."),
        ConfigKey(
            "replica.high.watermark.checkpoint.interval.ms", .long, "5000", .high,
            "How often high watermarks are written to their checkpoint."),
        ConfigKey(
            "replica.selector.class", .string, nil, .medium,
            "Which replica a consumer is told to read from: the leader, or one in the consumer's zone."),
        ConfigKey(
            "num.replica.fetchers", .int, "1", valid: .atLeast(1), .high, update: .clusterWide,
            "Connections over which a broker follows each other broker."),
        ConfigKey(
            "follower.fetch.last.tiered.offset.enable", .boolean, "false", .medium, update: .clusterWide,
            "A new follower starts at the last tiered offset instead of the first."),
        ConfigKey(
            "fetch.purgatory.purge.interval.requests", .int, "1000", .medium,
            "Waiting fetches after which finished ones are swept."),
        ConfigKey(
            "producer.purgatory.purge.interval.requests", .int, "1000", .medium,
            "Waiting produce requests after which finished ones are swept."),
        ConfigKey(
            "delete.records.purgatory.purge.interval.requests", .int, "1", .medium,
            "Waiting record deletions after which finished ones are swept."),
        ConfigKey(
            "share.fetch.purgatory.purge.interval.requests", .int, "1000", .medium,
            "Waiting share fetches after which finished ones are swept."),
    ]
}
