extension ConfigKey {
    /// A declaration in a table.
    init(
        _ name: String, _ type: ConfigType, _ defaultText: String?, valid validator: ConfigValidator = .any,
        _ importance: ConfigImportance, update updateMode: ConfigUpdateMode = .readOnly, isInternal: Bool = false,
        _ documentation: String
    ) {
        self.init(
            name: name, type: type, defaultText: defaultText, validator: validator, importance: importance,
            updateMode: updateMode, isInternal: isInternal, documentation: documentation)
    }
}

extension ConfigTable {
    /// All configs of a node.
    package static let broker = ConfigTable(BrokerConfigs.all)

    /// Configs of a broker that are only ever set dynamically.
    package static let dynamicBroker = ConfigTable(BrokerConfigs.dynamicOnly)

    /// All configs of a topic.
    package static let topic = ConfigTable(TopicConfigs.all)
}
