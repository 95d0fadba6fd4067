/// Configs that are meant for one listener: `listener.name.<name>.<config>`.
package enum ListenerConfig {
    package static let prefix = "listener.name."

    /// The config that `key` sets for a listener: `ssl.keystore.location` of `listener.name.x.ssl.keystore.location`.
    ///
    /// The prefix of a SASL mechanism, as in `listener.name.x.plain.sasl.jaas.config`, is left out too. Nil where the
    /// key is not of this form.
    package static func suffix(of key: String) -> String? {
        guard key.hasPrefix(self.prefix) else { return nil }
        let rest = key.dropFirst(self.prefix.count)
        guard let dot = rest.firstIndex(of: "."), dot != rest.startIndex else { return nil }
        let suffix = rest[rest.index(after: dot)...]
        if ConfigTable.broker[String(suffix)] != nil { return String(suffix) }
        guard let second = suffix.firstIndex(of: ".") else { return String(suffix) }
        let withoutMechanism = String(suffix[suffix.index(after: second)...])
        return ConfigTable.broker[withoutMechanism] != nil ? withoutMechanism : String(suffix)
    }
}
