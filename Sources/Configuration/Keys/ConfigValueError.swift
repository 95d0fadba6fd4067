/// A value that a config does not take.
package struct ConfigValueError: Error, Hashable, Sendable, CustomStringConvertible {
    /// Kafka's words for it, naming the config, the value (unless it is a secret) and what would be right.
    package var message: String

    /// Which part of the value is wrong, where it has parts.
    package var detail: String?

    package init(_ message: String, detail: String? = nil) {
        self.message = message
        self.detail = detail
    }

    static func invalid(
        _ value: String, for name: String, _ reason: String, detail: String? = nil
    ) -> ConfigValueError {
        ConfigValueError("Invalid value \(value) for configuration \(name): \(reason)", detail: detail)
    }

    package var description: String { self.message }
}
