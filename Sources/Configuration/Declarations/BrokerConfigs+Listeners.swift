extension BrokerConfigs {
    /// Listeners and connections.
    static let listeners: [ConfigKey] = [
        ConfigKey(
            "listeners", .list, "PLAINTEXT://:9092", valid: .list(emptyAllowed: false), .high, update: .perBroker,
            "Where this node listens: NAME://host:port entries; an empty host means every interface."),
        ConfigKey(
            "advertised.listeners", .list, nil, valid: .list(emptyAllowed: false), .high,
            "Where clients are told to connect, if that differs from the listeners."),
        ConfigKey(
            "listener.security.protocol.map", .string,
            "SASL_SSL:SASL_SSL,PLAINTEXT:PLAINTEXT,SSL:SSL,SASL_PLAINTEXT:SASL_PLAINTEXT", .low, update: .perBroker,
            "The security protocol of each listener name."),
        ConfigKey(
            "controller.listener.names", .list, nil, valid: .list(emptyAllowed: false), .high,
            "The listeners that belong to the controller; brokers connect to the first."),
        ConfigKey(
            "inter.broker.listener.name", .string, nil, .medium,
            "The listener over which brokers talk to each other."),
        ConfigKey(
            "security.inter.broker.protocol", .string, "PLAINTEXT",
            valid: .oneOf(["PLAINTEXT", "SSL", "SASL_PLAINTEXT", "SASL_SSL"]), .medium,
            "The protocol between brokers where no inter-broker listener is named."),
        ConfigKey(
            "early.start.listeners", .list, nil, valid: .list(), .high,
            "Listeners that take requests before the authorizer has loaded."),
        ConfigKey(
            "max.connections", .int, "2147483647", valid: .atLeast(0), .medium, update: .clusterWide,
            "Connections that this broker holds at most; the oldest idle ones close first."),
        ConfigKey(
            "max.connections.per.ip", .int, "2147483647", valid: .atLeast(0), .medium, update: .clusterWide,
            "Connections that one address may hold."),
        ConfigKey(
            "max.connections.per.ip.overrides", .string, "", .medium, update: .clusterWide,
            "Other limits for certain addresses or host names, as address:count entries."),
        ConfigKey(
            "max.connection.creation.rate", .int, "2147483647", valid: .atLeast(0), .medium, update: .clusterWide,
            "New connections accepted in a second."),
        ConfigKey(
            "connections.max.idle.ms", .long, "600000", .medium,
            "A connection that is idle for longer is closed."),
        ConfigKey(
            "connection.failed.authentication.delay.ms", .int, "100", valid: .atLeast(0), .low,
            "How long the answer to a failed authentication is held back."),
    ]
}
