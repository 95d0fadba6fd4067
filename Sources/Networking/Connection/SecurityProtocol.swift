/// How a listener's connections are protected: Kafka's `security.protocol`.
package enum SecurityProtocol: String, Hashable, Sendable, CaseIterable {
    case plaintext = "PLAINTEXT"
    case ssl = "SSL"
    case saslPlaintext = "SASL_PLAINTEXT"
    case saslSSL = "SASL_SSL"

    package var usesTLS: Bool { self == .ssl || self == .saslSSL }

    package var usesSASL: Bool { self == .saslPlaintext || self == .saslSSL }
}

/// Who the peer is, as Kafka writes it: `User:` and a name.
package struct PeerPrincipal: Hashable, Sendable, CustomStringConvertible {
    package var name: String

    package init(name: String) {
        self.name = name
    }

    /// A peer that did not say who it is.
    package static let anonymous = PeerPrincipal(name: "ANONYMOUS")

    package var description: String { "User:\(self.name)" }
}
