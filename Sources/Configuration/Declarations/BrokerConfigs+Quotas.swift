extension BrokerConfigs {
    /// Windows of quotas.
    static let quotas: [ConfigKey] = [
        ConfigKey(
            "quota.window.num", .int, "11", valid: .atLeast(1), .low,
            "Samples kept for client quotas."),
        ConfigKey(
            "quota.window.size.seconds", .int, "1", valid: .atLeast(1), .low,
            "The length of a sample for client quotas."),
        ConfigKey(
            "replication.quota.window.num", .int, "11", valid: .atLeast(1), .low,
            "Samples kept for replication quotas."),
        ConfigKey(
            "replication.quota.window.size.seconds", .int, "1", valid: .atLeast(1), .low,
            "The length of a sample for replication quotas."),
        ConfigKey(
            "alter.log.dirs.replication.quota.window.num", .int, "11", valid: .atLeast(1), .low,
            "Samples kept for quotas of moves between log directories."),
        ConfigKey(
            "alter.log.dirs.replication.quota.window.size.seconds", .int, "1", valid: .atLeast(1), .low,
            "The length of a sample for quotas of moves between log directories."),
        ConfigKey(
            "controller.quota.window.num", .int, "11", valid: .atLeast(1), .low,
            "Samples kept for controller mutation quotas."),
        ConfigKey(
            "controller.quota.window.size.seconds", .int, "1", valid: .atLeast(1), .low,
            "The length of a sample for controller mutation quotas."),
        ConfigKey(
            "client.quota.callback.class", .javaClass, nil, .low,
            "A class that computes client quotas."),
    ]
}
