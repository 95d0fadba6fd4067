/// A config of a broker that stands in for another, with the factor that turns its unit into the other's.
package struct ConfigSynonym: Hashable, Sendable {
    package var name: String
    /// What the synonym's value is multiplied by: 1, 60,000 for minutes or 3,600,000 for hours.
    package var factor: Int64

    init(_ name: String, factor: Int64 = 1) {
        self.name = name
        self.factor = factor
    }

    /// The broker configs that a topic config falls back to, the first that is set wins.
    ///
    /// Source: Kafka 4.3, `ServerTopicConfigSynonyms`.
    static func forTopicConfig(_ name: String) -> [ConfigSynonym] {
        switch name {
        case "retention.ms": self.chain("log.retention", minutes: true)
        case "segment.ms": self.chain("log.roll")
        case "segment.jitter.ms": self.chain("log.roll.jitter")
        case "flush.ms": [ConfigSynonym("log.flush.interval.ms"), ConfigSynonym("log.flush.scheduler.interval.ms")]
        case "flush.messages": [ConfigSynonym("log.flush.interval.messages")]
        case "file.delete.delay.ms": [ConfigSynonym("log.segment.delete.delay.ms")]
        case "max.message.bytes": [ConfigSynonym("message.max.bytes")]
        case "segment.index.bytes": [ConfigSynonym("log.index.size.max.bytes")]
        case "min.cleanable.dirty.ratio": [ConfigSynonym("log.cleaner.min.cleanable.ratio")]
        case "delete.retention.ms", "min.compaction.lag.ms", "max.compaction.lag.ms":
            [ConfigSynonym("log.cleaner.\(name)")]
        case "cleanup.policy", "index.interval.bytes", "local.retention.bytes", "local.retention.ms",
            "message.timestamp.after.max.ms", "message.timestamp.before.max.ms", "message.timestamp.type",
            "preallocate", "retention.bytes", "segment.bytes":
            [ConfigSynonym("log.\(name)")]
        case "compression.gzip.level", "compression.lz4.level", "compression.type", "compression.zstd.level",
            "min.insync.replicas", "unclean.leader.election.enable":
            [ConfigSynonym(name)]
        default: []
        }
    }

    /// The configs that `DescribeConfigs` shows with a broker config, itself included.
    ///
    /// Source: Kafka 4.3, `DynamicBrokerConfig.brokerConfigSynonyms`.
    static func forBrokerConfig(_ name: String) -> [String] {
        switch name {
        case "log.retention.ms", "log.retention.minutes", "log.retention.hours":
            return self.chain("log.retention", minutes: true).map(\.name)
        case "log.roll.ms", "log.roll.hours": return self.chain("log.roll").map(\.name)
        case "log.roll.jitter.ms", "log.roll.jitter.hours": return self.chain("log.roll.jitter").map(\.name)
        case "log.flush.interval.ms": return ["log.flush.interval.ms", "log.flush.scheduler.interval.ms"]
        default:
            guard let plain = ListenerConfig.suffix(of: name) else { return [name] }
            return [name, plain]
        }
    }

    private static func chain(_ prefix: String, minutes: Bool = false) -> [ConfigSynonym] {
        var chain = [ConfigSynonym("\(prefix).ms")]
        if minutes { chain.append(ConfigSynonym("\(prefix).minutes", factor: 60_000)) }
        chain.append(ConfigSynonym("\(prefix).hours", factor: 3_600_000))
        return chain
    }
}
