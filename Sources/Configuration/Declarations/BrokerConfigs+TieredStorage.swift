extension BrokerConfigs {
    /// Tiered storage (KIP-405).
    static let tieredStorage: [ConfigKey] = [
        ConfigKey(
            "remote.log.storage.system.enable", .boolean, "false", .medium,
            "Use tiered storage."),
        ConfigKey(
            "remote.log.storage.manager.class.name", .string, nil, valid: .nonEmptyString, .medium,
            "The class that stores segments remotely."),
        ConfigKey(
            "remote.log.storage.manager.class.path", .string, nil, .medium,
            "Where that class is found."),
        ConfigKey(
            "remote.log.storage.manager.impl.prefix", .string, "rsm.config.", valid: .nonEmptyString, .medium,
            "The prefix of the keys that are passed to that class."),
        ConfigKey(
            "remote.log.metadata.manager.class.name", .string,
            "org.apache.kafka.server.log.remote.metadata.storage.TopicBasedRemoteLogMetadataManager",
            valid: .nonEmptyString, .medium,
            "The class that keeps the metadata of remote segments."),
        ConfigKey(
            "remote.log.metadata.manager.class.path", .string, nil, .medium,
            "Where that class is found."),
        ConfigKey(
            "remote.log.metadata.manager.impl.prefix", .string, "rlmm.config.", valid: .nonEmptyString, .medium,
            "The prefix of the keys that are passed to that class."),
        ConfigKey(
            "remote.log.metadata.manager.listener.name", .string, nil, valid: .nonEmptyString, .medium,
            "The listener that the metadata of remote segments uses."),
        ConfigKey(
            "remote.log.metadata.custom.metadata.max.bytes", .int, "128", valid: .atLeast(0), .low,
            "The most bytes of metadata that the remote store may add to a segment."),
        ConfigKey(
            "remote.log.index.file.cache.total.size.bytes", .long, "1073741824", valid: .atLeast(1), .low,
            update: .clusterWide,
            "The size of the cache of remote indexes."),
        ConfigKey(
            "remote.log.index.file.cache.ttl.ms", .long, "900000", valid: .atLeast(-1), .low, isInternal: true,
            "How long a remote index stays in the cache unused."),
        ConfigKey(
            "remote.log.manager.thread.pool.size", .int, "2", valid: .atLeast(1), .medium,
            "Threads that schedule the work of tiered storage."),
        ConfigKey(
            "remote.log.manager.copier.thread.pool.size", .int, "10", valid: .atLeast(1), .medium, update: .clusterWide,
            "Threads that copy segments to the remote store."),
        ConfigKey(
            "remote.log.manager.expiration.thread.pool.size", .int, "10", valid: .atLeast(1), .medium,
            update: .clusterWide,
            "Threads that delete expired remote segments."),
        ConfigKey(
            "remote.log.manager.follower.thread.pool.size", .int, "2", valid: .atLeast(1), .medium,
            update: .clusterWide,
            "Threads that do a follower's work of tiered storage."),
        ConfigKey(
            "remote.log.manager.task.interval.ms", .long, "30000", valid: .atLeast(1), .low,
            "How often the tasks of tiered storage run."),
        ConfigKey(
            "remote.log.manager.task.retry.backoff.ms", .long, "500", valid: .atLeast(1), .low, isInternal: true,
            "The first wait after a failed task of tiered storage."),
        ConfigKey(
            "remote.log.manager.task.retry.backoff.max.ms", .long, "30000", valid: .atLeast(1), .low, isInternal: true,
            "The longest wait after failed tasks of tiered storage."),
        ConfigKey(
            "remote.log.manager.task.retry.jitter", .double, "0.2", valid: .fraction(0, 0.5), .low, isInternal: true,
            "The random part of that wait."),
        ConfigKey(
            "remote.log.manager.copy.max.bytes.per.second", .long, "9223372036854775807", valid: .atLeast(1), .medium,
            update: .clusterWide,
            "The most bytes copied to the remote store in a second."),
        ConfigKey(
            "remote.log.manager.copy.quota.window.num", .int, "11", valid: .atLeast(1), .medium,
            "Samples kept for that limit."),
        ConfigKey(
            "remote.log.manager.copy.quota.window.size.seconds", .int, "1", valid: .atLeast(1), .medium,
            "The length of such a sample."),
        ConfigKey(
            "remote.log.manager.fetch.max.bytes.per.second", .long, "9223372036854775807", valid: .atLeast(1), .medium,
            update: .clusterWide,
            "The most bytes read from the remote store in a second."),
        ConfigKey(
            "remote.log.manager.fetch.quota.window.num", .int, "11", valid: .atLeast(1), .medium,
            "Samples kept for that limit."),
        ConfigKey(
            "remote.log.manager.fetch.quota.window.size.seconds", .int, "1", valid: .atLeast(1), .medium,
            "The length of such a sample."),
        ConfigKey(
            "remote.log.reader.threads", .int, "10", valid: .atLeast(1), .medium, update: .clusterWide,
            "Threads that read from the remote store."),
        ConfigKey(
            "remote.log.reader.max.pending.tasks", .int, "100", valid: .atLeast(1), .medium,
            "Reads of the remote store that may wait."),
        ConfigKey(
            "remote.fetch.max.wait.ms", .int, "500", valid: .atLeast(1), .medium, update: .clusterWide,
            "How long a fetch waits for the remote store."),
        ConfigKey(
            "remote.list.offsets.request.timeout.ms", .long, "30000", valid: .atLeast(1), .medium, update: .clusterWide,
            "How long a search for offsets waits for the remote store."),
    ]
}
