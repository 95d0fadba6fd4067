/// What TLS is to do: Kafka's `ssl.*` settings.
package struct TLSConfiguration: Sendable {
    /// A private key, the certificate for it, and the chain above that: a key store.
    package enum Identity: Hashable, Sendable {
        /// PEM text: `ssl.keystore.certificate.chain` and `ssl.keystore.key`.
        case pem(chain: String, key: String, password: String?)
        /// A file with both: `ssl.keystore.location` of type PEM.
        case pemFile(path: String, password: String?)
        /// `ssl.keystore.location` of type PKCS12.
        case pkcs12File(path: String, password: String)
    }

    /// The certificates that are believed: a trust store.
    package enum Trust: Hashable, Sendable {
        /// What the system believes.
        case system
        /// PEM text: `ssl.truststore.certificates`.
        case pem(String)
        case pemFile(path: String)
        case pkcs12File(path: String, password: String)
    }

    /// `ssl.client.auth`.
    package enum ClientAuthentication: String, Hashable, Sendable, CaseIterable {
        case none
        case requested
        case required
    }

    /// `ssl.enabled.protocols`, as far as it is safe.
    package enum Version: String, Hashable, Sendable, CaseIterable {
        case tls12 = "TLSv1.2"
        case tls13 = "TLSv1.3"
    }

    /// Required of servers.
    package var identity: Identity?
    package var trust = Trust.system
    package var clientAuthentication = ClientAuthentication.none
    package var versionMin = Version.tls12
    package var versionMax = Version.tls13
    /// `ssl.cipher.suites` by their standard names; empty for the library's choice.
    package var cipherSuites: [String] = []
    /// Whether a client checks that the server's certificate is for the host it meant:
    /// `ssl.endpoint.identification.algorithm=https`.
    package var checksHost = true

    package init() {}
}

/// TLS that cannot be set up as configured.
package struct TLSError: Error, Hashable, Sendable, CustomStringConvertible {
    /// What was being done, such as reading a file, and the library's or the system's words.
    package var reason: String

    package init(reason: String) {
        self.reason = reason
    }

    package var description: String { self.reason }
}
