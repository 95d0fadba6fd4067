extension BrokerConfigs {
    /// What a node is, and how many threads it has.
    static let node: [ConfigKey] = [
        ConfigKey(
            "process.roles", .list, nil, valid: .list(allowed: ["broker", "controller"], emptyAllowed: false), .high,
            "What this node is: broker, controller, or both."),
        ConfigKey(
            "node.id", .int, nil, valid: .atLeast(0), .high,
            "The id of this node; no two nodes of a cluster share one."),
        ConfigKey(
            "broker.id", .int, "-1", .high,
            "The older name of node.id."),
        ConfigKey(
            "broker.rack", .string, nil, .medium,
            "The availability zone of this broker; replicas are spread over zones."),
        ConfigKey(
            "initial.broker.registration.timeout.ms", .int, "60000", .medium,
            "How long a starting broker tries to register before it gives up."),
        ConfigKey(
            "broker.heartbeat.interval.ms", .int, "2000", .medium,
            "How often a broker tells the controller that it is alive."),
        ConfigKey(
            "broker.session.timeout.ms", .int, "9000", .medium,
            "How long a broker may be silent before the controller fences it."),
        ConfigKey(
            "controlled.shutdown.enable", .boolean, "true", .medium,
            "Hand over leadership before stopping."),
        ConfigKey(
            "server.max.startup.time.ms", .long, "9223372036854775807", valid: .atLeast(0), .medium, isInternal: true,
            "How long the start of a node may take."),
        ConfigKey(
            "background.threads", .int, "10", valid: .atLeast(1), .high, update: .clusterWide,
            "Threads for housekeeping of every kind."),
        ConfigKey(
            "num.network.threads", .int, "3", valid: .atLeast(1), .high, update: .clusterWide,
            "Event loops that read and answer requests."),
        ConfigKey(
            "num.io.threads", .int, "8", valid: .atLeast(1), .high, update: .clusterWide,
            "Threads for work that may wait for the disk."),
        ConfigKey(
            "unstable.api.versions.enable", .boolean, "false", .high, isInternal: true,
            "Offer API versions that are still being developed."),
        ConfigKey(
            "unstable.feature.versions.enable", .boolean, "false", .high, isInternal: true,
            "Allow feature versions that are still being developed."),
        ConfigKey(
            "config.providers", .list, "", valid: .list(), .low, update: .clusterWide,
            "Names of providers that resolve placeholders in values."),
    ]
}
