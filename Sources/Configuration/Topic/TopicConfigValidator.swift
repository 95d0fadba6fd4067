/// Checks a topic's configs before they are written to the metadata log.
///
/// Every message is what Kafka answers with `INVALID_CONFIG`. Source: Kafka 4.3, `LogConfig.validate` and
/// `ControllerConfigurationValidator`.
package enum TopicConfigValidator {
    /// Why `overrides`, all configs that the topic would have, are refused; nil where they are fine.
    ///
    /// A nil value is what a client sent as null.
    package static func refusal(of overrides: [String: String?]) -> String? {
        let names = overrides.keys.sorted()
        let nulls = names.filter { overrides[$0] == .some(nil) }
        if !nulls.isEmpty { return "Null value not supported for topic configs: \(nulls.joined(separator: ","))" }
        if let unknown = names.first(where: { ConfigTable.topic[$0] == nil }) {
            return "Unknown topic config name: \(unknown)"
        }
        var values: [String: ConfigValue] = [:]
        for name in names {
            guard let key = ConfigTable.topic[name], let text = overrides[name].flatMap({ $0 }) else { continue }
            do {
                values[name] = try key.parse(text)
            } catch {
                return error.message
            }
        }
        return self.conflict(values)
    }

    private static func conflict(_ values: [String: ConfigValue]) -> String? {
        let least = self.integer("min.compaction.lag.ms", values)
        let most = self.integer("max.compaction.lag.ms", values)
        if least > most {
            return "conflict topic config setting min.compaction.lag.ms (\(least)) > max.compaction.lag.ms (\(most))"
        }
        if values["remote.storage.enable"] == .boolean(true) {
            return "Tiered Storage functionality is disabled in the broker. "
                + "Topic cannot be configured with remote log storage."
        }
        return nil
    }

    private static func integer(_ name: String, _ values: [String: ConfigValue]) -> Int64 {
        guard case .integer(let value) = values[name] ?? ConfigTable.topic[name]?.defaultValue else {
            preconditionFailure("\(name) is not an integer")
        }
        return value
    }
}
