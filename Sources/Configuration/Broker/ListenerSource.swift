/// Reads the configs of listeners, and words what is wrong with them.
struct ListenerSource {
    var layers: ConfigLayers
    var settings: ConfigSettings

    func conflict(_ key: String, _ reason: String) -> ConfigurationError {
        let value = self.settings[key].text ?? ""
        return ConfigurationError(.conflict, "\(self.layers.origin(key)): \(key)=\(value): \(reason)")
    }

    /// The listeners that `key` lists.
    func listeners(
        _ key: String, protocols: [String: SecurityProtocol]
    ) throws(ConfigurationError) -> [Listener] {
        var listeners: [Listener] = []
        for text in self.settings.list(key) {
            guard var listener = Listener(text) else {
                throw self.conflict(key, "'\(text)' is not of the form NAME://host:port")
            }
            guard let securityProtocol = protocols[listener.name] else {
                throw self.conflict(key, "listener.security.protocol.map does not have \(listener.name)")
            }
            listener.securityProtocol = securityProtocol
            listeners.append(listener)
        }
        return listeners
    }

    /// `listener.security.protocol.map`.
    ///
    /// Where it is not set and nothing uses TLS or SASL by its name, controller listeners are plaintext, as in Kafka.
    func securityProtocols(controllerNames: [String]) throws(ConfigurationError) -> [String: SecurityProtocol] {
        let key = "listener.security.protocol.map"
        var map: [String: SecurityProtocol] = [:]
        for entry in (self.settings.string(key) ?? "").split(separator: ",") {
            let parts = entry.split(separator: ":", omittingEmptySubsequences: false).map(Self.trim)
            guard parts.count == 2, !parts[0].isEmpty, let securityProtocol = SecurityProtocol(name: parts[1]) else {
                let names = SecurityProtocol.allCases.map(\.name).joined(separator: ", ")
                throw self.conflict(key, "'\(entry)' is not of the form NAME:PROTOCOL with one of \(names)")
            }
            guard map.updateValue(securityProtocol, forKey: parts[0].uppercased()) == nil else {
                throw self.conflict(key, "\(parts[0]) is there twice")
            }
        }
        if self.layers.text(key) == nil {
            let names = controllerNames + self.settings.list("listeners").compactMap { Listener($0)?.name }
            let isSecured = names.contains { name in
                SecurityProtocol(name: name).map { $0 != .plaintext } ?? false
            }
            if !isSecured {
                for name in controllerNames { map[name] = .plaintext }
            }
        }
        return map
    }

    private static func trim(_ text: Substring) -> String {
        String(text.drop { $0 == " " }.reversed().drop { $0 == " " }.reversed())
    }
}
