/// The configuration of a topic: its own overrides over the defaults of the broker.
///
/// Units are in the names; `Int64.max` milliseconds or records mean "never", -1 bytes or milliseconds of retention
/// mean "no limit", as in Kafka.
package struct TopicConfiguration: Hashable, Sendable {
    package var cleanupPolicy: CleanupPolicy
    package var compressionType: TopicCompression
    package var compressionGzipLevel: Int
    package var compressionLz4Level: Int
    package var compressionZstdLevel: Int
    package var deleteRetentionMs: Int64
    package var fileDeleteDelayMs: Int64
    package var flushMessages: Int64
    package var flushMs: Int64
    /// `*` or `partition:broker` entries.
    package var followerThrottledReplicas: [String]
    package var indexIntervalBytes: Int
    package var leaderThrottledReplicas: [String]
    package var maxCompactionLagMs: Int64
    /// The largest batch that is accepted, in bytes, header included.
    package var maxMessageBytes: Int
    package var messageTimestampAfterMaxMs: Int64
    package var messageTimestampBeforeMaxMs: Int64
    package var messageTimestampType: TopicTimestampType
    package var minCleanableDirtyRatio: Double
    package var minCompactionLagMs: Int64
    package var minInsyncReplicas: Int
    package var preallocate: Bool
    package var retentionBytes: Int64
    package var retentionMs: Int64
    package var segmentBytes: Int
    package var segmentIndexBytes: Int
    package var segmentJitterMs: Int64
    package var segmentMs: Int64
    package var uncleanLeaderElectionEnable: Bool

    /// Kafka's defaults, with nothing overridden.
    package init() {
        self.init(Self.settings(TopicConfigResolver(layers: ConfigLayers(properties: Properties())), overrides: [:]))
    }

    /// The configuration of a topic with `overrides` on a node with `layers`.
    ///
    /// Names that are not declared are ignored, and a value that is refused falls back to the default: what is in the
    /// metadata log was validated when it was written, possibly by another version.
    package init(layers: ConfigLayers, overrides: [String: String]) {
        self.init(Self.settings(TopicConfigResolver(layers: layers), overrides: overrides))
    }

    private static func settings(_ resolver: TopicConfigResolver, overrides: [String: String]) -> ConfigSettings {
        let pairs = ConfigTable.topic.keys.map { ($0.name, resolver.value($0, overrides: overrides)) }
        return ConfigSettings(values: Dictionary(uniqueKeysWithValues: pairs))
    }

    private init(_ settings: ConfigSettings) {
        self.cleanupPolicy = CleanupPolicy(settings.list("cleanup.policy"))
        self.compressionType = settings.string("compression.type").flatMap(TopicCompression.init) ?? .producer
        self.compressionGzipLevel = settings.int("compression.gzip.level")
        self.compressionLz4Level = settings.int("compression.lz4.level")
        self.compressionZstdLevel = settings.int("compression.zstd.level")
        self.deleteRetentionMs = settings.integer("delete.retention.ms")
        self.fileDeleteDelayMs = settings.integer("file.delete.delay.ms")
        self.flushMessages = settings.integer("flush.messages")
        self.flushMs = settings.integer("flush.ms")
        self.followerThrottledReplicas = settings.list("follower.replication.throttled.replicas")
        self.indexIntervalBytes = settings.int("index.interval.bytes")
        self.leaderThrottledReplicas = settings.list("leader.replication.throttled.replicas")
        self.maxCompactionLagMs = settings.integer("max.compaction.lag.ms")
        self.maxMessageBytes = settings.int("max.message.bytes")
        self.messageTimestampAfterMaxMs = settings.integer("message.timestamp.after.max.ms")
        self.messageTimestampBeforeMaxMs = settings.integer("message.timestamp.before.max.ms")
        self.messageTimestampType =
            settings.string("message.timestamp.type").flatMap(TopicTimestampType.init) ?? .createTime
        self.minCleanableDirtyRatio = settings.double("min.cleanable.dirty.ratio")
        self.minCompactionLagMs = settings.integer("min.compaction.lag.ms")
        self.minInsyncReplicas = settings.int("min.insync.replicas")
        self.preallocate = settings.boolean("preallocate")
        self.retentionBytes = settings.integer("retention.bytes")
        self.retentionMs = settings.integer("retention.ms")
        self.segmentBytes =
            settings.optionalInteger("internal.segment.bytes").map(Int.init) ?? settings.int("segment.bytes")
        self.segmentIndexBytes = settings.int("segment.index.bytes")
        self.segmentJitterMs = settings.integer("segment.jitter.ms")
        self.segmentMs = settings.integer("segment.ms")
        self.uncleanLeaderElectionEnable = settings.boolean("unclean.leader.election.enable")
    }
}
