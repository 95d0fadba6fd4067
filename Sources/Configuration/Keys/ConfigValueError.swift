/// A value that a config does not take.
package struct ConfigValueError: Error, Hashable, Sendable, CustomStringConvertible {
    /// Kafka's words for it, naming the config, the value (unless it is a secret) and what would be right.
    package var message: String

    package init(_ message: String) {
        self.message = message
    }

    static func invalid(_ value: String, for name: String, _ reason: String) -> ConfigValueError {
        ConfigValueError("Invalid value \(value) for configuration \(name): \(reason)")
    }

    package var description: String { self.message }
}
