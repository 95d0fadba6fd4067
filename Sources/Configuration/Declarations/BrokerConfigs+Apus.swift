extension BrokerConfigs {
    /// What only this program has.
    static let apus: [ConfigKey] = [
        ConfigKey(
            "apus.http.listener", .string, nil, .medium,
            "Where metrics and health are served over HTTP, as host:port; nothing is served where it is not set."),
        ConfigKey(
            "apus.broker.disconnect.fencing.ms", .int, "200", valid: .atLeast(0), .medium,
            "A broker whose controller connection broke is fenced after this, unless it is back; 0 waits for the session."
        ),
        ConfigKey(
            "apus.log.stray.delete.delay.ms", .long, "604800000", valid: .atLeast(-1), .low,
            "How long folders are kept of partitions that this broker does not have; -1 keeps them for ever."),
    ]
}
