extension BrokerConfigs {
    /// Metrics.
    static let metrics: [ConfigKey] = [
        ConfigKey(
            "metric.reporters", .list, "org.apache.kafka.common.metrics.JmxReporter", valid: .list(), .low,
            update: .clusterWide,
            "Classes that report metrics."),
        ConfigKey(
            "metrics.num.samples", .int, "2", valid: .atLeast(1), .low,
            "Samples kept for each metric."),
        ConfigKey(
            "metrics.recording.level", .string, "INFO", .low,
            "The most detailed metrics that are recorded."),
        ConfigKey(
            "metrics.sample.window.ms", .long, "30000", valid: .atLeast(1), .low,
            "The length of a sample."),
        ConfigKey(
            "kafka.metrics.reporters", .list, "", valid: .list(), .low,
            "Classes that report the older metrics."),
        ConfigKey(
            "kafka.metrics.polling.interval.secs", .int, "10", valid: .atLeast(1), .low,
            "How often the older metrics are read."),
        ConfigKey(
            "telemetry.max.bytes", .int, "1048576", valid: .atLeast(1), .low,
            "The most bytes of metrics that a client may push at once."),
    ]
}
