/// What a config's value must satisfy beyond its type.
package enum ConfigValidator: Hashable, Sendable {
    case any
    case atLeast(Int64)
    case between(Int64, Int64)
    /// A double between two bounds, both inclusive.
    case fraction(Double, Double)
    /// 1 to 9, or -1.
    case gzipLevel
    case oneOf([String])
    case oneOfIgnoringCase([String])
    case nonEmptyString
    /// A list without empty or repeated entries, each one of `allowed` unless that is empty.
    case list(allowed: [String] = [], emptyAllowed: Bool = true)
    /// `id@host:port` entries.
    case voters
    /// `host:port` entries.
    case endpoints
    /// `*`, or `partition:broker` entries.
    case throttledReplicas
    /// Rules as `PrincipalMapping` reads them.
    case principalMapping

    /// - Throws: `ConfigValueError` in Kafka's words where `value` is not allowed.
    func check(_ value: ConfigValue, name: String) throws(ConfigValueError) {
        switch (self, value) {
        case (.any, _), (_, .null): return
        case (.atLeast(let low), .integer(let number)):
            try Self.check(number, low: low, high: nil, name: name)
        case (.between(let low, let high), .integer(let number)):
            try Self.check(number, low: low, high: high, name: name)
        case (.fraction(let low, let high), .double(let number)):
            if number < low {
                throw .invalid(value.textInMessage, for: name, "Value must be at least \(Self.bound(low))")
            }
            if number > high {
                throw .invalid(value.textInMessage, for: name, "Value must be no more than \(Self.bound(high))")
            }
        case (.gzipLevel, .integer(let number)):
            if number != -1, !(1...9).contains(number) {
                throw .invalid("\(number)", for: name, "Value must be between 1 and 9 or equal to -1")
            }
        case (.oneOf(let allowed), .string(let text)):
            if !allowed.contains(text) {
                throw .invalid(text, for: name, "String must be one of: \(allowed.joined(separator: ", "))")
            }
        case (.oneOfIgnoringCase(let allowed), .string(let text)):
            if !allowed.contains(text.uppercased()) {
                let names = allowed.joined(separator: ", ")
                throw .invalid(text, for: name, "String must be one of (case insensitive): \(names)")
            }
        case (.nonEmptyString, .string(let text)):
            if text.isEmpty { throw .invalid(text, for: name, "String must be non-empty") }
        case (.list(let allowed, let emptyAllowed), .list(let values)):
            try Self.check(values, allowed: allowed, emptyAllowed: emptyAllowed, name: name)
        case (.voters, .list(let values)): try Self.checkVoters(values, name: name)
        case (.endpoints, .list(let values)): try Self.checkEndpoints(values, name: name)
        case (.throttledReplicas, .list(let values)): try Self.checkThrottled(values, name: name)
        case (.principalMapping, .string(let text)):
            do throws(PrincipalMapping.RuleError) {
                _ = try PrincipalMapping(text)
            } catch {
                throw .invalid(text, for: name, error.message, detail: error.message)
            }
        default: preconditionFailure("the validator of \(name) does not fit its type")
        }
    }

    private static func bound(_ value: Double) -> String {
        value == value.rounded() ? "\(Int64(value))" : "\(value)"
    }

    private static func check(
        _ number: Int64, low: Int64, high: Int64?, name: String
    ) throws(ConfigValueError) {
        if number < low { throw .invalid("\(number)", for: name, "Value must be at least \(low)") }
        if let high, number > high { throw .invalid("\(number)", for: name, "Value must be no more than \(high)") }
    }

    private static func check(
        _ values: [String], allowed: [String], emptyAllowed: Bool, name: String
    ) throws(ConfigValueError) {
        let names = allowed.isEmpty ? "any non-empty value" : "[" + allowed.joined(separator: ", ") + "]"
        if values.isEmpty, !emptyAllowed {
            throw ConfigValueError("Configuration '\(name)' must not be empty. Valid values include: \(names)")
        }
        if Set(values).count != values.count {
            throw ConfigValueError("Configuration '\(name)' values must not be duplicated.")
        }
        for value in values {
            if value.isEmpty { throw ConfigValueError("Configuration '\(name)' values must not be empty.") }
            if !allowed.isEmpty, !allowed.contains(value) {
                throw .invalid(value, for: name, "String must be one of: \(allowed.joined(separator: ", "))")
            }
        }
    }

    private static func checkVoters(_ values: [String], name: String) throws(ConfigValueError) {
        for value in values where QuorumVoter(value) == nil {
            throw ConfigValueError(
                "Invalid configuration value for \(name). Each entry should be in the form `{id}@{host}:{port}`.")
        }
    }

    private static func checkEndpoints(_ values: [String], name: String) throws(ConfigValueError) {
        for value in values where HostPort(value) == nil {
            throw ConfigValueError(
                "Failed to parse host name from \(value) for the configuration \(name). "
                    + "Each entry should be in the form \"{host}:{port}\"")
        }
    }

    private static func checkThrottled(_ values: [String], name: String) throws(ConfigValueError) {
        if values == ["*"] { return }
        let valid = values.allSatisfy { value in
            let parts = value.split(separator: ":", omittingEmptySubsequences: false)
            return parts.count == 2
                && parts.allSatisfy { !$0.isEmpty && $0.allSatisfy { ("0"..."9").contains($0) } }
        }
        if !valid {
            throw .invalid(
                ConfigValue.list(values).textInMessage, for: name,
                "\(name) must be the literal '*' or a list of replicas in the following format: "
                    + "[partitionId]:[brokerId],[partitionId]:[brokerId],...")
        }
    }
}
