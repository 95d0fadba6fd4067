/// Tells the value of every config and where it comes from.
///
/// Source: Kafka 4.3, `ConfigHelper`.
package struct ConfigResolver: Sendable {
    package let layers: ConfigLayers

    package init(layers: ConfigLayers) {
        self.layers = layers
    }

    /// The configs of a topic with `overrides`, sorted by name.
    ///
    /// - Parameter names: only these, or nil for all that are not internal.
    package func topic(overrides: [String: String], names: Set<String>? = nil) -> [DescribedConfig] {
        let resolver = TopicConfigResolver(layers: self.layers)
        return ConfigTable.topic.keys.filter { Self.isWanted($0, names) }.map { key in
            var synonyms: [DescribedConfig.Synonym] = []
            let chain = ConfigSynonym.forTopicConfig(key.name).map(\.name)
            if let first = chain.first {
                synonyms = self.synonyms(of: first, names: chain, isSensitive: key.isSensitive)
            }
            let value = resolver.value(key, overrides: overrides).text
            if overrides[key.name] != nil {
                synonyms.insert(.init(name: key.name, value: value, source: .dynamicTopic), at: 0)
            }
            return DescribedConfig(
                name: key.name, value: key.isSensitive ? nil : value, source: synonyms.first?.source ?? .defaultValue,
                type: key.type, isReadOnly: false, isSensitive: key.isSensitive, synonyms: synonyms,
                documentation: key.documentation)
        }
    }

    /// The configs of this broker, sorted by name: all that are declared, and what the properties hold beyond that.
    ///
    /// - Parameter names: only these, or nil for all that are not internal.
    package func broker(names: Set<String>? = nil) -> [DescribedConfig] {
        let declared = ConfigTable.broker.keys.filter { Self.isWanted($0, names) }.map { key in
            self.described(key.name, key: key, value: self.value(of: key), perBroker: true)
        }
        let given = Set(self.layers.properties.values.keys)
            .union(self.layers.dynamicBroker.keys).union(self.layers.dynamicDefault.keys)
        let others = given.filter { ConfigTable.broker[$0] == nil && names?.contains($0) ?? true }.map { name in
            let key = ListenerConfig.suffix(of: name).flatMap { ConfigTable.broker[$0] } ?? Self.shownKey(name)
            return self.described(name, key: key, value: self.layers.text(name), perBroker: true)
        }
        return (declared + others).sorted { $0.name < $1.name }
    }

    /// The dynamic defaults of all brokers, sorted by name: what is described for the broker without a name.
    ///
    /// - Parameter names: only these, or nil for all.
    package func brokerDefaults(names: Set<String>? = nil) -> [DescribedConfig] {
        self.layers.dynamicDefault.keys.sorted().filter { names?.contains($0) ?? true }.map { name in
            self.described(
                name, key: Self.shownKey(name), value: self.layers.dynamicDefault[name], perBroker: false)
        }
    }

    /// The declaration of a broker's config. Kafka does not show what is only ever set dynamically; our own keys are no
    /// secret.
    private static func shownKey(_ name: String) -> ConfigKey? {
        ConfigTable.broker[name] ?? (name.hasPrefix("apus.") ? ConfigTable.dynamicBroker[name] : nil)
    }

    private static func isWanted(_ key: ConfigKey, _ names: Set<String>?) -> Bool {
        guard let names else { return !key.isInternal }
        return names.contains(key.name)
    }

    private func value(of key: ConfigKey) -> String? {
        guard let text = self.layers.text(key.name), !self.isReplaced(key) else { return key.defaultValue.text }
        do {
            return try key.parse(text).text
        } catch {
            // Static values were checked at start; a refused dynamic one is shown as it is stored.
            return text
        }
    }

    /// True where a synonym that was set dynamically takes the place of a static value, as Kafka shows it.
    private func isReplaced(_ key: ConfigKey) -> Bool {
        let isDynamic = { (name: String) in
            self.layers.dynamicBroker[name] != nil || self.layers.dynamicDefault[name] != nil
        }
        let synonyms = ConfigSynonym.forBrokerConfig(key.name)
        return synonyms.count > 1 && !isDynamic(key.name) && synonyms.contains(where: isDynamic)
    }

    private func described(_ name: String, key: ConfigKey?, value: String?, perBroker: Bool) -> DescribedConfig {
        // Nobody knows whether a key that is not declared holds a secret.
        let isSensitive = key?.isSensitive ?? true
        var synonyms = self.synonyms(
            of: name, names: ConfigSynonym.forBrokerConfig(name), isSensitive: isSensitive)
        if !perBroker { synonyms = synonyms.filter { $0.source == .dynamicDefaultBroker } }
        return DescribedConfig(
            name: name, value: isSensitive ? nil : value, source: synonyms.first?.source ?? .defaultValue,
            type: key?.type ?? .unknown, isReadOnly: key.map { $0.updateMode == .readOnly } ?? true,
            isSensitive: isSensitive, synonyms: synonyms, documentation: key?.documentation)
    }

    /// Where the values of `names` are set, in the order in which they count, from the first of `name` on.
    private func synonyms(of name: String, names: [String], isSensitive: Bool) -> [DescribedConfig.Synonym] {
        let properties = self.layers.properties.values
        let sources: [(ConfigSource, [String: String])] = [
            (.dynamicBroker, self.layers.dynamicBroker), (.dynamicDefaultBroker, self.layers.dynamicDefault),
            (.staticBroker, properties),
        ]
        var synonyms: [DescribedConfig.Synonym] = []
        for (source, values) in sources {
            for candidate in names {
                guard let value = values[candidate] else { continue }
                synonyms.append(.init(name: candidate, value: isSensitive ? nil : value, source: source))
            }
        }
        for candidate in names {
            guard let value = ConfigTable.broker[candidate]?.defaultValue.text else { continue }
            synonyms.append(.init(name: candidate, value: isSensitive ? nil : value, source: .defaultValue))
        }
        return Array(synonyms.drop { $0.name != name })
    }
}
