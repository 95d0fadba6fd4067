/// The value of a config after parsing.
package enum ConfigValue: Hashable, Sendable {
    /// Not set, and without a default.
    case null
    case boolean(Bool)
    /// `INT`, `SHORT` and `LONG`.
    case integer(Int64)
    case double(Double)
    /// `STRING`, `CLASS` and `PASSWORD`.
    case string(String)
    case list([String])

    /// The text that Kafka's tools show for the value, nil for null. Secrets are not hidden here.
    package var text: String? {
        switch self {
        case .null: nil
        case .boolean(let value): value ? "true" : "false"
        case .integer(let value): String(value)
        case .double(let value): JavaDouble.text(value)
        case .string(let value): value
        case .list(let values): values.joined(separator: ",")
        }
    }

    /// The text that Kafka puts into an error about the value: a list in brackets.
    var textInMessage: String {
        guard case .list(let values) = self else { return self.text ?? "null" }
        return "[" + values.joined(separator: ", ") + "]"
    }
}
