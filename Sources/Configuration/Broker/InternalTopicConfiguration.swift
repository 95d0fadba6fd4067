/// The shape of a topic that the cluster keeps for itself.
package struct InternalTopicConfiguration: Hashable, Sendable {
    package var partitionCount: Int32
    package var replicationFactor: Int16
    package var segmentBytes: Int
    /// Nil takes the cluster's default.
    package var minInsyncReplicas: Int?

    /// `__consumer_offsets`.
    static func offsets(_ settings: ConfigSettings) -> InternalTopicConfiguration {
        InternalTopicConfiguration(settings, prefix: "offsets.topic.", minInsyncReplicas: nil)
    }

    /// `__transaction_state`.
    static func transactions(_ settings: ConfigSettings) -> InternalTopicConfiguration {
        InternalTopicConfiguration(
            settings, prefix: "transaction.state.log.",
            minInsyncReplicas: settings.int("transaction.state.log.min.isr"))
    }

    /// `__share_group_state`.
    static func shareState(_ settings: ConfigSettings) -> InternalTopicConfiguration {
        InternalTopicConfiguration(
            settings, prefix: "share.coordinator.state.topic.",
            minInsyncReplicas: settings.int("share.coordinator.state.topic.min.isr"))
    }

    private init(_ settings: ConfigSettings, prefix: String, minInsyncReplicas: Int?) {
        self.partitionCount = Int32(clamping: settings.integer(prefix + "num.partitions"))
        self.replicationFactor = Int16(clamping: settings.integer(prefix + "replication.factor"))
        self.segmentBytes = settings.int(prefix + "segment.bytes")
        self.minInsyncReplicas = minInsyncReplicas
    }
}
