/// How a listener is secured. The raw value is the one of Kafka's registration records.
package enum SecurityProtocol: Int16, Hashable, Sendable, CaseIterable {
    case plaintext = 0
    case ssl = 1
    case saslPlaintext = 2
    case saslSSL = 3

    /// Kafka's name: `PLAINTEXT`, `SSL`, `SASL_PLAINTEXT` or `SASL_SSL`.
    package var name: String {
        switch self {
        case .plaintext: "PLAINTEXT"
        case .ssl: "SSL"
        case .saslPlaintext: "SASL_PLAINTEXT"
        case .saslSSL: "SASL_SSL"
        }
    }

    /// The protocol with `name`, in any case.
    package init?(name: String) {
        guard let found = Self.allCases.first(where: { $0.name == name.uppercased() }) else { return nil }
        self = found
    }

    package var usesTLS: Bool { self == .ssl || self == .saslSSL }

    package var usesSASL: Bool { self == .saslPlaintext || self == .saslSSL }
}
