/// Where a config's value comes from. The raw value is the one of `DescribeConfigs`.
package enum ConfigSource: Int8, Hashable, Sendable {
    /// Set for the topic.
    case dynamicTopic = 1
    /// Set for this broker.
    case dynamicBroker = 2
    /// Set for all brokers.
    case dynamicDefaultBroker = 3
    /// `server.properties`.
    case staticBroker = 4
    case defaultValue = 5

    /// Kafka's name of the source.
    package var name: String {
        switch self {
        case .dynamicTopic: "DYNAMIC_TOPIC_CONFIG"
        case .dynamicBroker: "DYNAMIC_BROKER_CONFIG"
        case .dynamicDefaultBroker: "DYNAMIC_DEFAULT_BROKER_CONFIG"
        case .staticBroker: "STATIC_BROKER_CONFIG"
        case .defaultValue: "DEFAULT_CONFIG"
        }
    }
}
