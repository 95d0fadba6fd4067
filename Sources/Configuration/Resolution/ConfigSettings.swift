package import ApusCore

/// The parsed value of every declared config of a node.
///
/// Asking for a config that is not declared, or as another type than its own, is a programmer error.
package struct ConfigSettings: Hashable, Sendable {
    private let values: [String: ConfigValue]

    init(values: [String: ConfigValue]) {
        self.values = values
    }

    /// The value of `name`.
    package subscript(name: String) -> ConfigValue {
        guard let value = self.values[name] else { preconditionFailure("no config is called \(name)") }
        return value
    }

    /// The value of a config of type `INT`, `SHORT` or `LONG` that is set or has a default.
    package func integer(_ name: String) -> Int64 {
        guard let value = self.optionalInteger(name) else { preconditionFailure("\(name) has no value") }
        return value
    }

    /// The same as `Int`.
    package func int(_ name: String) -> Int { Int(self.integer(name)) }

    /// The value of an integer config, nil where it is not set.
    package func optionalInteger(_ name: String) -> Int64? {
        switch self[name] {
        case .integer(let value): return value
        case .null: return nil
        case .boolean, .double, .string, .list: preconditionFailure("\(name) is not an integer")
        }
    }

    package func boolean(_ name: String) -> Bool {
        guard case .boolean(let value) = self[name] else { preconditionFailure("\(name) is not a boolean") }
        return value
    }

    package func double(_ name: String) -> Double {
        guard case .double(let value) = self[name] else { preconditionFailure("\(name) is not a double") }
        return value
    }

    /// The value of a `STRING`, `CLASS` or `PASSWORD` config, nil where it is not set.
    package func string(_ name: String) -> String? {
        switch self[name] {
        case .string(let value): return value
        case .null: return nil
        case .boolean, .double, .integer, .list: preconditionFailure("\(name) is not a string")
        }
    }

    /// The entries of a `LIST` config; none where it is not set.
    package func list(_ name: String) -> [String] {
        switch self[name] {
        case .list(let values): return values
        case .null: return []
        case .boolean, .double, .integer, .string: preconditionFailure("\(name) is not a list")
        }
    }

    /// The value of a config in milliseconds.
    package func interval(_ name: String) -> Interval { .milliseconds(self.integer(name)) }
}
