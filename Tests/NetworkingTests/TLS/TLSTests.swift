import ApusCore
import KafkaPrimitives
import Networking
import Testing

@Suite("TLS")
struct TLSTests {
    private let certificates: TestCertificates

    init() throws {
        self.certificates = try TestCertificates()
    }

    private func server(
        identity: TLSConfiguration.Identity? = nil, _ change: (inout TLSConfiguration) -> Void = { _ in }
    ) throws -> TLSContextSource {
        var configuration = TLSConfiguration()
        configuration.identity = try identity ?? .pemFile(path: self.certificates.pem("server"), password: nil)
        configuration.trust = .pemFile(path: self.certificates.path("ca.crt"))
        change(&configuration)
        return try TLSContextSource(configuration, side: .server)
    }

    private func client(
        identity: TLSConfiguration.Identity? = nil, _ change: (inout TLSConfiguration) -> Void = { _ in }
    ) throws -> TLSContextSource {
        var configuration = TLSConfiguration()
        configuration.identity = identity
        configuration.trust = .pemFile(path: self.certificates.path("ca.crt"))
        change(&configuration)
        return try TLSContextSource(configuration, side: .client)
    }

    private func listen(_ test: TestNetwork, _ handler: TestHandler, _ tls: TLSContextSource, observer: TestObserver)
        throws -> Listener
    {
        try test.listen(handler, observer: observer) { configuration in
            configuration.security = .ssl
            configuration.tls = tls
        }
    }

    private func connect(
        _ test: TestNetwork, _ listener: Listener, _ tls: TLSContextSource, host: String = "127.0.0.1",
        handler: TestOutgoingHandler
    ) {
        var configuration = OutgoingConfiguration(host: host, port: listener.port)
        configuration.tls = tls
        OutgoingConnection.connect(configuration, network: test.network, handler: handler)
    }

    @Test(
        "frames of every size go both ways under either version",
        arguments: [TLSConfiguration.Version.tls12, .tls13], ["127.0.0.1", "localhost"])
    func echo(version: TLSConfiguration.Version, host: String) throws {
        let test = try TestNetwork()
        let observer = TestObserver()
        let server = TestHandler.echo()
        let listener = try self.listen(test, server, self.server(), observer: observer)
        let payloads = [0, 1, 5_000, 16_384, 65_536, 1_000_000, 3_000_001].map { size in
            [UInt8](repeating: UInt8(truncatingIfNeeded: size), count: size)
        }
        let handler = TestOutgoingHandler { connection in
            for payload in payloads { connection.send(writer(of: ByteSlice(payload))) }
        }
        let tls = try self.client { ($0.versionMin, $0.versionMax) = (version, version) }
        self.connect(test, listener, tls, host: host, handler: handler)
        poll(until: "the answers arrived") { handler.journal.frames.count == payloads.count }
        #expect(handler.journal.frames == payloads)
        #expect(server.opened[0].principal == .anonymous)
        #expect(observer.journal.entries == [])
    }

    @Test("a client's certificate names its principal as Kafka writes it")
    func principal() throws {
        let test = try TestNetwork()
        let server = TestHandler.echo()
        let listener = try self.listen(
            test, server, self.server { $0.clientAuthentication = .required }, observer: TestObserver())
        let handler = TestOutgoingHandler()
        let identity = TLSConfiguration.Identity.pkcs12File(
            path: self.certificates.path("client.p12"), password: "secret")
        self.connect(test, listener, try self.client(identity: identity), handler: handler)
        poll(until: "the connection was opened") { server.opened.count == 1 }
        #expect("\(server.opened[0].principal)" == #"User:CN=Zoë,OU=Test,O=Apus\, Inc.,C=CH"#)
    }

    @Test("a listener's rules name the principal, and refuse whom they do not name")
    func mappedPrincipal() throws {
        let test = try TestNetwork()
        let tls = try self.server { $0.clientAuthentication = .required }
        let identity = TLSConfiguration.Identity.pkcs12File(
            path: self.certificates.path("client.p12"), password: "secret")
        let server = TestHandler.echo()
        let listener = try test.listen(server, observer: TestObserver()) { configuration in
            configuration.security = .ssl
            configuration.tls = tls
            configuration.principalName = { $0.hasPrefix("CN=Zo") ? "zoe" : nil }
        }
        self.connect(test, listener, try self.client(identity: identity), handler: TestOutgoingHandler())
        poll(until: "the connection was opened") { server.opened.count == 1 }
        #expect("\(server.opened[0].principal)" == "User:zoe")

        let observer = TestObserver()
        let strict = TestHandler.echo()
        let refusing = try test.listen(strict, observer: observer) { configuration in
            configuration.security = .ssl
            configuration.tls = tls
            configuration.principalName = { _ in nil }
        }
        self.connect(test, refusing, try self.client(identity: identity), handler: TestOutgoingHandler())
        poll(until: "the connection was refused") { observer.journal.entries.count == 1 }
        #expect(
            observer.journal.entries == [
                .failedHandshake(
                    .authenticationFailed(#"no rule names the principal of CN=Zoë,OU=Test,O=Apus\, Inc.,C=CH"#))
            ])
        #expect(strict.journal.entries == [])
    }

    @Test("a client without the certificate that is demanded never reaches the handler; the log says why")
    func noClientCertificate() throws {
        let test = try TestNetwork()
        let server = TestHandler.echo()
        let observer = TestObserver()
        let listener = try self.listen(
            test, server, self.server { $0.clientAuthentication = .required }, observer: observer)
        let handler = TestOutgoingHandler()
        self.connect(test, listener, try self.client(), handler: handler)
        poll(until: "both sides saw the end") {
            observer.journal.entries.count == 1 && handler.journal.entries.last?.isClosed == true
        }
        #expect(
            observer.journal.entries == [.failedHandshake(.tlsFailed("peer did not return a certificate"))])
        #expect(handler.journal.entries.last == .closed(.tlsFailed("tlsv13 alert certificate required")))
        #expect(server.journal.entries == [])
    }

    @Test("a client may stay without a certificate where one is only requested")
    func requested() throws {
        let test = try TestNetwork()
        let server = TestHandler.echo()
        let listener = try self.listen(
            test, server, self.server { $0.clientAuthentication = .requested }, observer: TestObserver())
        self.connect(test, listener, try self.client(), handler: TestOutgoingHandler())
        poll(until: "the connection was opened") { server.opened.count == 1 }
        #expect(server.opened[0].principal == .anonymous)
    }

    @Test("a client whose certificate a stranger signed is refused")
    func foreigner() throws {
        let test = try TestNetwork()
        let server = TestHandler.echo()
        let observer = TestObserver()
        let listener = try self.listen(
            test, server, self.server { $0.clientAuthentication = .required }, observer: observer)
        let identity = TLSConfiguration.Identity.pemFile(path: try self.certificates.pem("foreigner"), password: nil)
        self.connect(test, listener, try self.client(identity: identity), handler: TestOutgoingHandler())
        poll(until: "the failure was reported") { observer.journal.entries.count == 1 }
        #expect(
            observer.journal.entries == [
                .failedHandshake(
                    .tlsFailed("certificate verify failed: unable to get local issuer certificate"))
            ])
    }

    @Test("a server's certificate for another host is refused, unless the check is off")
    func hostName() throws {
        let test = try TestNetwork()
        let identity = TLSConfiguration.Identity.pemFile(path: try self.certificates.pem("elsewhere"), password: nil)
        let server = TestHandler.echo()
        let listener = try self.listen(test, server, self.server(identity: identity), observer: TestObserver())
        for (host, reason) in [("127.0.0.1", "IP address mismatch"), ("localhost", "hostname mismatch")] {
            let strict = TestOutgoingHandler()
            self.connect(test, listener, try self.client(), host: host, handler: strict)
            poll(until: "the failure was reported") { strict.journal.entries.count == 1 }
            #expect(
                strict.journal.entries == [.closed(.tlsFailed("certificate verify failed: \(reason)"))])
        }
        let lax = TestOutgoingHandler()
        self.connect(test, listener, try self.client { $0.checksHost = false }, handler: lax)
        poll(until: "the connection was opened") { lax.journal.entries == [.opened] }
    }

    @Test("a plain client of a TLS listener, and a TLS client of a plain one, fail with a reason")
    func mixedUp() throws {
        let test = try TestNetwork()
        let observer = TestObserver()
        let server = TestHandler.echo()
        let secured = try self.listen(test, server, self.server(), observer: observer)
        let plain = RawClient(port: secured.port)
        plain.send(frame([1, 2, 3]))
        poll(until: "the failure was reported") { observer.journal.entries.count == 1 }
        guard case .failedHandshake(.tlsFailed) = observer.journal.entries[0] else {
            Issue.record("\(observer.journal.entries)")
            return
        }
        let open = try test.listen(server)
        let handler = TestOutgoingHandler()
        self.connect(test, open, try self.client(), handler: handler)
        poll(until: "the server closed") { server.journal.entries.count == 2 }
        guard case .closed(.badFrame(.tooLarge)) = server.journal.entries[1] else {
            Issue.record("\(server.journal.entries)")
            return
        }
        poll(until: "the client was told") { handler.journal.entries.count == 1 }
    }

    @Test("a peer that never begins its handshake is closed after the time for that")
    func silence() throws {
        let test = try TestNetwork()
        let observer = TestObserver()
        let tls = try self.server()
        let listener = try test.listen(TestHandler.echo(), observer: observer) { configuration in
            configuration.security = .ssl
            configuration.tls = tls
            configuration.handshakeMax = .milliseconds(30)
        }
        let client = RawClient(port: listener.port)
        #expect(client.receive(1) == [])
        poll(until: "the failure was reported") {
            observer.journal.entries == [.failedHandshake(.handshakeTimeout)]
        }
    }

    @Test("a reloaded certificate serves new connections, and old ones go on")
    func reload() throws {
        let test = try TestNetwork()
        let tls = try self.server()
        let listener = try self.listen(test, TestHandler.echo(), tls, observer: TestObserver())
        let before = TestOutgoingHandler { $0.send(writer(of: ByteSlice([1]))) }
        self.connect(test, listener, try self.client(), handler: before)
        poll(until: "the first connection works") { before.journal.frames == [[1]] }
        var replaced = TLSConfiguration()
        replaced.identity = .pemFile(path: try self.certificates.pem("elsewhere"), password: nil)
        try tls.reload(replaced)
        let after = TestOutgoingHandler()
        self.connect(test, listener, try self.client(), handler: after)
        poll(until: "the new certificate was seen") {
            after.journal.entries == [.closed(.tlsFailed("certificate verify failed: IP address mismatch"))]
        }
        #expect(before.journal.entries == [.opened, .frame([1])])
        var missing = TLSConfiguration()
        missing.identity = .pemFile(path: "/nowhere.pem", password: nil)
        #expect(throws: TLSError(reason: "cannot open /nowhere.pem: No such file or directory")) {
            try tls.reload(missing)
        }
    }

    @Test("keys come from PEM text, from locked keys and from PKCS12 stores, and damage is named")
    func stores() throws {
        let chain = try self.certificates.text("server.crt")
        let identities: [TLSConfiguration.Identity] = [
            .pem(chain: chain, key: try self.certificates.text("server.key"), password: nil),
            .pem(chain: chain, key: try self.certificates.text("server-locked.key"), password: "secret"),
            .pkcs12File(path: self.certificates.path("client.p12"), password: "secret"),
        ]
        for identity in identities {
            _ = try self.server(identity: identity) { configuration in
                configuration.clientAuthentication = .required
                configuration.trust = .pkcs12File(path: self.certificates.path("trust.p12"), password: "secret")
            }
        }
        for damaged in [
            TLSConfiguration.Identity.pem(chain: chain, key: try self.certificates.text("client.key"), password: nil),
            .pem(chain: chain, key: try self.certificates.text("server-locked.key"), password: "wrong"),
            .pem(chain: "", key: "", password: nil),
            .pkcs12File(path: self.certificates.path("client.p12"), password: "wrong"),
        ] {
            #expect(throws: TLSError.self) { try self.server(identity: damaged) }
        }
        #expect(throws: TLSError.self) { try self.server { $0.cipherSuites = ["TLS_NO_SUCH_SUITE"] } }
        _ = try self.server {
            $0.cipherSuites = ["TLS_AES_128_GCM_SHA256", "TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256"]
        }
    }
}
