import ApusCore
import Configuration
import Networking

/// A part of the configuration that the node cannot start with; one line for the operator.
package struct StartError: Error, Equatable, CustomStringConvertible {
    package enum Code: Equatable, Sendable {
        /// A listener cannot be bound or secured.
        case listener
        /// A directory is not formatted, damaged, or in use.
        case storage
        /// The quorum's configuration does not fit this node.
        case quorum
        /// The system refuses threads or descriptors.
        case system
    }

    package var code: Code
    package var message: String

    package init(_ code: Code, _ message: String) {
        self.code = code
        self.message = message
    }

    package static func == (lhs: StartError, rhs: StartError) -> Bool { lhs.code == rhs.code }

    package var description: String { self.message }
}

/// How the listeners of a node, and its connections to other nodes, are secured.
struct ListenerSecurity {
    let configuration: BrokerConfiguration

    /// The TLS side of a listener of this node; nil where it is not secured.
    func server(_ listener: Configuration.Listener) throws(StartError) -> TLSContextSource? {
        try self.context(listener, side: .server)
    }

    /// The TLS side of connections to a listener of that name on other nodes; nil where it is not secured.
    func client(_ name: String) throws(StartError) -> TLSContextSource? {
        let security = self.configuration.listeners.securityProtocols[name] ?? .plaintext
        return try self.context(
            Listener(name: name, host: "", port: 0, securityProtocol: security), side: .client)
    }

    private func context(_ listener: Configuration.Listener, side: TLSContextSource.Side) throws(StartError)
        -> TLSContextSource?
    {
        guard listener.securityProtocol.usesTLS else { return nil }
        do {
            return try TLSContextSource(try self.tls(listener), side: side)
        } catch {
            throw StartError(.listener, "listener \(listener.name): \(error)")
        }
    }

    private func tls(_ listener: Configuration.Listener) throws(StartError) -> TLSConfiguration {
        var tls = TLSConfiguration()
        tls.identity = try self.identity(listener)
        tls.trust = try self.trust(listener)
        if let text = self.configuration.value("ssl.client.auth", listener: listener),
            let wanted = TLSConfiguration.ClientAuthentication(rawValue: text.lowercased())
        {
            tls.clientAuthentication = wanted
        }
        let versions = self.list("ssl.enabled.protocols", listener).compactMap(TLSConfiguration.Version.init)
        if versions == [.tls12] { tls.versionMax = .tls12 }
        if versions == [.tls13] { tls.versionMin = .tls13 }
        tls.cipherSuites = self.list("ssl.cipher.suites", listener)
        let algorithm = self.configuration.value("ssl.endpoint.identification.algorithm", listener: listener)
        tls.checksHost = algorithm?.lowercased() == "https"
        return tls
    }

    private func list(_ name: String, _ listener: Configuration.Listener) -> [String] {
        (self.configuration.value(name, listener: listener) ?? "").split(separator: ",")
            .map { String($0).trimmingSpaces() }.filter { !$0.isEmpty }
    }

    private func identity(_ listener: Configuration.Listener) throws(StartError) -> TLSConfiguration.Identity? {
        let password = self.configuration.value("ssl.key.password", listener: listener)
        let storePassword = self.configuration.value("ssl.keystore.password", listener: listener)
        if let chain = self.configuration.value("ssl.keystore.certificate.chain", listener: listener) {
            guard let key = self.configuration.value("ssl.keystore.key", listener: listener) else {
                throw StartError(
                    .listener,
                    "listener \(listener.name): ssl.keystore.certificate.chain needs ssl.keystore.key beside it")
            }
            return .pem(chain: chain, key: key, password: password)
        }
        guard let path = self.configuration.value("ssl.keystore.location", listener: listener) else { return nil }
        switch self.configuration.value("ssl.keystore.type", listener: listener)?.uppercased() ?? "JKS" {
        case "PEM": return .pemFile(path: path, password: password)
        case "PKCS12": return .pkcs12File(path: path, password: storePassword ?? "")
        case let other:
            throw StartError(
                .listener, "listener \(listener.name): ssl.keystore.type is \(other); PEM and PKCS12 are supported")
        }
    }

    private func trust(_ listener: Configuration.Listener) throws(StartError) -> TLSConfiguration.Trust {
        if let certificates = self.configuration.value("ssl.truststore.certificates", listener: listener) {
            return .pem(certificates)
        }
        guard let path = self.configuration.value("ssl.truststore.location", listener: listener) else { return .system }
        switch self.configuration.value("ssl.truststore.type", listener: listener)?.uppercased() ?? "JKS" {
        case "PEM": return .pemFile(path: path)
        case "PKCS12":
            let password = self.configuration.value("ssl.truststore.password", listener: listener)
            return .pkcs12File(path: path, password: password ?? "")
        case let other:
            throw StartError(
                .listener, "listener \(listener.name): ssl.truststore.type is \(other); PEM and PKCS12 are supported")
        }
    }
}

extension String {
    fileprivate func trimmingSpaces() -> String {
        var text = Substring(self)
        while text.first?.isWhitespace == true { text.removeFirst() }
        while text.last?.isWhitespace == true { text.removeLast() }
        return String(text)
    }
}

extension ListenerConfiguration {
    /// The listener as Networking wants it.
    init(_ listener: Configuration.Listener, _ configuration: BrokerConfiguration, tls: TLSContextSource?) {
        self.init(name: listener.name, host: listener.host, port: listener.port)
        self.security = Networking.SecurityProtocol(rawValue: listener.securityProtocol.name) ?? .plaintext
        self.tls = tls
        self.frameBytesMax = configuration.network.requestBytesMax
        self.idleMax = configuration.network.connectionIdleMax
        self.backlog = Int32(clamping: configuration.network.listenBacklog)
        self.sendBufferBytes = configuration.network.sendBufferBytes.map { Int32(clamping: $0) }
        self.receiveBufferBytes = configuration.network.receiveBufferBytes.map { Int32(clamping: $0) }
    }
}
