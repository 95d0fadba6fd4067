import ApusCore
package import ClusterMetadata
package import Configuration
package import Controller

/// The declared configs, as the controller asks about them.
package struct ConfigurationTableRules: ConfigurationRules {
    private let layers: ConfigLayers

    package init(layers: ConfigLayers) {
        self.layers = layers
    }

    package func isList(_ key: String, of kind: ConfigResource.Kind) -> Bool {
        self.key(key, kind)?.type == .list
    }

    package func defaultValue(of key: String, kind: ConfigResource.Kind) -> String? {
        self.key(key, kind)?.defaultValue.text
    }

    package func problem(
        in configuration: [String: String], previous: [String: String], of resource: ConfigResource
    ) -> ControllerError? {
        switch resource.kind {
        case .topic:
            return TopicConfigValidator.refusal(of: configuration.mapValues { Optional($0) })
                .map { ControllerError(.invalidConfig, $0) }
        case .broker:
            return BrokerConfigValidator.refusal(of: configuration, perBroker: !resource.name.isEmpty)
                .map { ControllerError(.invalidConfig, $0) }
        default:
            return ControllerError(.invalidRequest, "Configs of this resource are not served yet.")
        }
    }

    package func effectiveTopicConfiguration(
        overrides: [String: String], clusterDefaults: [String: String], nodeOverrides: [String: String]
    ) -> [EffectiveConfiguration] {
        var layers = self.layers
        layers.dynamicDefault = clusterDefaults
        layers.dynamicBroker = nodeOverrides
        return ConfigResolver(layers: layers).topic(overrides: overrides).map { config in
            EffectiveConfiguration(
                name: config.name, value: config.value, isReadOnly: config.isReadOnly, source: config.source.rawValue,
                isSensitive: config.isSensitive)
        }
    }

    private func key(_ name: String, _ kind: ConfigResource.Kind) -> ConfigKey? {
        switch kind {
        case .topic: ConfigTable.topic[name]
        case .broker: ConfigTable.broker[name] ?? ConfigTable.dynamicBroker[name]
        default: nil
        }
    }
}
