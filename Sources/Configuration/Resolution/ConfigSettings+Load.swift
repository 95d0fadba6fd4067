extension ConfigSettings {
    /// The values of all of `table` in `layers`.
    ///
    /// - Throws: `ConfigurationError` with one line for each refused value: origin, key, value and what would be right.
    static func load(_ layers: ConfigLayers, table: ConfigTable) throws(ConfigurationError) -> ConfigSettings {
        var values: [String: ConfigValue] = [:]
        var refused: [String] = []
        for key in table.keys {
            guard let text = layers.text(key.name) else {
                values[key.name] = key.defaultValue
                continue
            }
            do throws(ConfigValueError) {
                values[key.name] = try key.parse(text)
            } catch {
                let shown = key.isSensitive ? "[hidden]" : text
                let detail = error.detail.map { "; \($0)" } ?? ""
                refused.append(
                    "\(layers.origin(key.name)): \(key.name)=\(shown): expected \(key.expectation)\(detail)")
            }
        }
        guard refused.isEmpty else { throw ConfigurationError(.invalidValue, refused.joined(separator: "\n")) }
        return ConfigSettings(values: values)
    }
}
