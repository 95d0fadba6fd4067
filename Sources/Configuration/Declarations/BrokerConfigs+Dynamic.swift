extension BrokerConfigs {
    /// What is only ever set dynamically: `server.properties` does not know it.
    static let dynamicOnly: [ConfigKey] = [
        ConfigKey(
            "apus.zones.drained", .list, "", valid: .list(), .medium, update: .clusterWide,
            "The zones (broker.rack) whose brokers lead nothing while another replica in sync can; for all brokers only."
        ),
        ConfigKey(
            "leader.replication.throttled.rate", .long, "9223372036854775807", valid: .atLeast(0), .medium,
            update: .clusterWide, "The most bytes per second that a leader sends to throttled followers."),
        ConfigKey(
            "follower.replication.throttled.rate", .long, "9223372036854775807", valid: .atLeast(0), .medium,
            update: .clusterWide, "The most bytes per second that a follower fetches of throttled replicas."),
        ConfigKey(
            "replica.alter.log.dirs.io.max.bytes.per.second", .long, "9223372036854775807", valid: .atLeast(0),
            .medium, update: .clusterWide,
            "The most bytes per second that moves between log directories write."),
    ]
}
