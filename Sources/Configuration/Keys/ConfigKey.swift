/// One declared config: its name, type, default and rules.
package struct ConfigKey: Hashable, Sendable {
    package var name: String
    package var type: ConfigType
    /// The default as text; nil where the config has none and may be left out.
    package var defaultText: String?
    package var validator: ConfigValidator
    package var importance: ConfigImportance
    package var updateMode: ConfigUpdateMode
    /// True for what Kafka's tools do not list.
    package var isInternal: Bool
    package var documentation: String

    /// True where the value must never be shown.
    package var isSensitive: Bool { self.type == .password }

    /// The default after parsing.
    package var defaultValue: ConfigValue {
        guard let defaultText else { return .null }
        do {
            return try self.parse(defaultText)
        } catch {
            preconditionFailure("the default of \(self.name) is refused: \(error)")
        }
    }

    /// The value that `text` means.
    ///
    /// - Throws: `ConfigValueError` in Kafka's words where the text is not of the type or not allowed.
    package func parse(_ text: String) throws(ConfigValueError) -> ConfigValue {
        let value = try self.convert(text)
        try self.validator.check(value, name: self.name)
        return value
    }

    private func convert(_ text: String) throws(ConfigValueError) -> ConfigValue {
        let trimmed = Self.trim(text)
        switch self.type {
        case .boolean:
            switch trimmed.lowercased() {
            case "true": return .boolean(true)
            case "false": return .boolean(false)
            default: throw .invalid(text, for: self.name, "Expected value to be either true or false")
            }
        case .int: return try self.integer(trimmed, written: text, in: Int64(Int32.min)...Int64(Int32.max))
        case .short: return try self.integer(trimmed, written: text, in: Int64(Int16.min)...Int64(Int16.max))
        case .long: return try self.integer(trimmed, written: text, in: Int64.min...Int64.max)
        case .double:
            guard let number = Double(trimmed) else {
                throw .invalid(text, for: self.name, "Not a number of type DOUBLE")
            }
            return .double(number)
        case .string, .javaClass: return .string(trimmed)
        case .password: return .string(text)
        case .unknown: preconditionFailure("\(self.name) is declared without a type")
        case .list:
            if trimmed.isEmpty { return .list([]) }
            let parts = trimmed.split(separator: ",", omittingEmptySubsequences: false)
            return .list(parts.map { Self.trim(String($0)) })
        }
    }

    private func integer(
        _ trimmed: String, written: String, in range: ClosedRange<Int64>
    ) throws(ConfigValueError) -> ConfigValue {
        guard let number = Int64(trimmed), range.contains(number) else {
            throw .invalid(written, for: self.name, "Not a number of type \(self.type.name)")
        }
        return .integer(number)
    }

    private static func trim(_ text: String) -> String {
        let isVisible = { (scalar: Unicode.Scalar) in scalar.value > 0x20 }
        let scalars = text.unicodeScalars
        guard let first = scalars.firstIndex(where: isVisible), let last = scalars.lastIndex(where: isVisible) else {
            return ""
        }
        return String(scalars[first...last])
    }
}
