package import ApusCore

/// What a configuration belongs to: a kind, and a name within it.
///
/// The empty name of a broker resource is the default of all brokers.
package struct ConfigResource: Hashable, Sendable, Comparable {
    package var kind: Kind
    package var name: String

    /// Kafka's numbers of resource types.
    package struct Kind: RawRepresentable, Hashable, Sendable, Comparable {
        package var rawValue: Int8

        package init(rawValue: Int8) {
            self.rawValue = rawValue
        }

        package static let topic = Kind(rawValue: 2)
        package static let broker = Kind(rawValue: 4)
        package static let brokerLogger = Kind(rawValue: 8)
        package static let clientMetrics = Kind(rawValue: 16)
        package static let group = Kind(rawValue: 32)

        package static func < (lhs: Kind, rhs: Kind) -> Bool { lhs.rawValue < rhs.rawValue }
    }

    package init(kind: Kind, name: String) {
        self.kind = kind
        self.name = name
    }

    package static func topic(_ name: String) -> ConfigResource { ConfigResource(kind: .topic, name: name) }

    package static func broker(_ id: NodeID) -> ConfigResource {
        ConfigResource(kind: .broker, name: String(id.rawValue))
    }

    /// The dynamic defaults of all brokers.
    package static let defaultBroker = ConfigResource(kind: .broker, name: "")

    package static func < (lhs: ConfigResource, rhs: ConfigResource) -> Bool {
        (lhs.kind, lhs.name) < (rhs.kind, rhs.name)
    }
}
