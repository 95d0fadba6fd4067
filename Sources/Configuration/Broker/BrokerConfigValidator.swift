/// Checks dynamic configs of brokers before they are sent to the controller (KIP-226).
///
/// Every message is what Kafka answers with. Source: Kafka 4.3, `DynamicBrokerConfig.validateConfigs`.
package enum BrokerConfigValidator {
    /// Configs that can change while the broker runs, but only for one listener at a time.
    private static let perListener: Set<String> = [
        "ssl.key.password", "ssl.keystore.certificate.chain", "ssl.keystore.key", "ssl.keystore.location",
        "ssl.keystore.password", "ssl.keystore.type", "ssl.truststore.certificates", "ssl.truststore.location",
        "ssl.truststore.password", "ssl.truststore.type",
    ]

    /// Configs that describe the whole cluster, and would mean nothing for one broker.
    private static let clusterOnly: Set<String> = ["apus.zones.drained"]

    /// Why `values` cannot be set; nil where they can.
    ///
    /// Names that are not declared are accepted, as in Kafka: another part may know them.
    ///
    /// - Parameter perBroker: true for one broker, false for the default of all.
    package static func refusal(of values: [String: String], perBroker: Bool) -> String? {
        let names = values.keys.sorted()
        let readOnly = names.filter { Self.key($0)?.updateMode == .readOnly }
        if !readOnly.isEmpty {
            return "Cannot update these configs dynamically: \(Self.list(readOnly))"
        }
        let unprefixed = names.filter(Self.perListener.contains)
        if !unprefixed.isEmpty {
            return "These security configs can be dynamically updated only per-listener using the listener prefix: "
                + Self.list(unprefixed)
        }
        if perBroker {
            let cluster = names.filter(Self.clusterOnly.contains)
            if !cluster.isEmpty {
                return
                    "Cannot update these configs for one broker, only at default cluster level: \(Self.list(cluster))"
            }
        } else {
            let single = names.filter {
                ConfigTable.dynamicBroker[$0] == nil && Self.key($0)?.updateMode == .perBroker
            }
            if !single.isEmpty {
                return "Cannot update these configs at default cluster level, broker id must be specified: "
                    + Self.list(single)
            }
        }
        for name in names {
            guard let key = Self.key(name), let text = values[name] else { continue }
            do {
                _ = try key.parse(text)
            } catch {
                return error.message
            }
        }
        return nil
    }

    /// The declaration behind `name`, which may have the prefix of a listener.
    package static func key(_ name: String) -> ConfigKey? {
        if let key = ConfigTable.broker[name] ?? ConfigTable.dynamicBroker[name] { return key }
        return ListenerConfig.suffix(of: name).flatMap { ConfigTable.broker[$0] }
    }

    private static func list(_ names: [String]) -> String { "[\(names.joined(separator: ", "))]" }
}
