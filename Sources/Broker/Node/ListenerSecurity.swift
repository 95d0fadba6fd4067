import Configuration
import Networking
import Synchronization
import Telemetry

/// How the listeners of a node, and its connections to other nodes, are secured.
///
/// Keys and certificates are read when the node starts, and again by `reload`; connections that stand keep what they
/// were made with.
final class ListenerSecurity: Sendable {
    let configuration: BrokerConfiguration
    private let log: Logger
    /// What was given out, to be read anew.
    private let given = Mutex<[Given]>([])

    private struct Given {
        let listener: Configuration.Listener
        let side: TLSContextSource.Side
        let source: TLSContextSource
    }

    init(configuration: BrokerConfiguration, log: Logger) {
        self.configuration = configuration
        self.log = log
    }

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

    /// What names the principal of a peer on this listener.
    func principalName(_ listener: Configuration.Listener) throws(StartError) -> @Sendable (String) -> String? {
        let key = "ssl.principal.mapping.rules"
        do throws(PrincipalMapping.RuleError) {
            let mapping = try PrincipalMapping(self.configuration.value(key, listener: listener) ?? "DEFAULT")
            return { mapping.name(of: $0) }
        } catch {
            throw StartError(.listener, "listener \(listener.name): \(listener.configPrefix)\(key): \(error.message)")
        }
    }

    /// Reads the files of every listener and of connections to other nodes anew, for connections from now on. Where they
    /// cannot be used, what was read before stays. Waits for the disk.
    func reload() {
        for given in self.given.withLock({ $0 }) {
            let side = given.side == .server ? "server" : "client"
            do {
                try given.source.reload(try self.tls(given.listener))
                self.log.info(
                    "read keys and certificates anew",
                    ["listener": LogValue(given.listener.name), "side": LogValue(side)])
            } catch {
                self.log.error(
                    "cannot use the new keys and certificates; the old ones stay",
                    ["listener": LogValue(given.listener.name), "side": LogValue(side), "error": LogValue("\(error)")])
            }
        }
    }

    /// There is nobody to do it now.
    func refuseReload() {
        self.log.error("too busy to read keys and certificates anew; ask again", [:])
    }

    private func context(_ listener: Configuration.Listener, side: TLSContextSource.Side) throws(StartError)
        -> TLSContextSource?
    {
        guard listener.securityProtocol.usesTLS else { return nil }
        do {
            let source = try TLSContextSource(try self.tls(listener), side: side)
            self.given.withLock { $0.append(Given(listener: listener, side: side, source: source)) }
            return source
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
    init(_ listener: Configuration.Listener, _ security: ListenerSecurity) throws(StartError) {
        let configuration = security.configuration
        self.init(name: listener.name, host: listener.host, port: listener.port)
        self.security = Networking.SecurityProtocol(rawValue: listener.securityProtocol.name) ?? .plaintext
        self.tls = try security.server(listener)
        self.principalName = try security.principalName(listener)
        self.frameBytesMax = configuration.network.requestBytesMax
        self.idleMax = configuration.network.connectionIdleMax
        self.backlog = Int32(clamping: configuration.network.listenBacklog)
        self.sendBufferBytes = configuration.network.sendBufferBytes.map { Int32(clamping: $0) }
        self.receiveBufferBytes = configuration.network.receiveBufferBytes.map { Int32(clamping: $0) }
    }
}
