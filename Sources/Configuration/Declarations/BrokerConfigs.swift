/// The configs of a node, by feature.
///
/// Source: Kafka 4.3, `AbstractKafkaConfig.CONFIG_DEF` and `DynamicBrokerConfig`.
enum BrokerConfigs {
    static var all: [ConfigKey] {
        let features = [
            Self.node, Self.listeners, Self.sockets, Self.quorum, Self.metadataLog, Self.log, Self.logCleaner,
            Self.topics, Self.replication, Self.quotas, Self.groups, Self.shareGroups, Self.transactions,
            Self.tieredStorage, Self.security, Self.sasl, Self.metrics, Self.apus,
        ]
        return features.flatMap { $0 }
    }
}
