/// Finds the value of a topic config: the topic's own, else the first broker synonym that is set, else the default.
struct TopicConfigResolver: Sendable {
    var layers: ConfigLayers

    /// The value of `key` for a topic with `overrides`.
    func value(_ key: ConfigKey, overrides: [String: String]) -> ConfigValue {
        if let text = overrides[key.name], let value = Self.parsed(key, text) { return value }
        for synonym in ConfigSynonym.forTopicConfig(key.name) {
            guard let broker = ConfigTable.broker[synonym.name] else {
                preconditionFailure("the synonym \(synonym.name) is not declared")
            }
            if let text = self.layers.text(synonym.name), let value = Self.parsed(broker, text) {
                return Self.scaled(value, by: synonym.factor)
            }
        }
        return key.defaultValue
    }

    private static func parsed(_ key: ConfigKey, _ text: String) -> ConfigValue? {
        do {
            return try key.parse(text)
        } catch {
            // A value of another version that this one refuses must not keep the partition from being served.
            return nil
        }
    }

    /// A value in minutes or hours as milliseconds; what is negative means "no limit" in every unit.
    private static func scaled(_ value: ConfigValue, by factor: Int64) -> ConfigValue {
        guard factor != 1, case .integer(let number) = value else { return value }
        if number < 0 { return .integer(-1) }
        let (product, overflow) = number.multipliedReportingOverflow(by: factor)
        return .integer(overflow ? .max : product)
    }
}
