/// Whose settings are meant.
package enum SettingOwner: Hashable, Sendable, CustomStringConvertible {
    case topic(String)
    /// The dynamic defaults of all brokers.
    case allBrokers

    /// Kafka's number of the kind of owner.
    var resourceType: Int8 {
        switch self {
        case .topic: 2
        case .allBrokers: 4
        }
    }

    var resourceName: String {
        switch self {
        case .topic(let name): name
        case .allBrokers: ""
        }
    }

    /// Kafka's number of the source of values that are the owner's own.
    var ownSource: Int8 {
        switch self {
        case .topic: 1
        case .allBrokers: 3
        }
    }

    package var description: String {
        switch self {
        case .topic(let name): "topic '\(name)'"
        case .allBrokers: "all brokers"
        }
    }
}

/// A setting, and where its value is from.
package struct DescribedSetting: Hashable, Sendable {
    package var name: String
    /// Nil for what is not told: a password.
    package var value: String?
    /// Set for its owner itself, not inherited.
    package var isOwn: Bool
}

/// A change of one setting.
package struct SettingChange: Hashable, Sendable {
    package var name: String
    package var operation: Operation
    /// Nil where the setting is deleted.
    package var value: String?

    /// What is done with the value; the raw value is Kafka's number.
    package enum Operation: Int8, Sendable {
        case set = 0
        case delete = 1
        /// Adds values to a list that lacks them.
        case append = 2
        /// Takes values out of a list.
        case subtract = 3
    }

    package init(_ operation: Operation, _ name: String, _ value: String?) {
        self.name = name
        self.operation = operation
        self.value = value
    }
}
