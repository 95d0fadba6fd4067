import KafkaPrimitives
import Networking
import Testing

@Suite("Authentication before requests")
struct AuthenticationTests {
    /// Lets in whoever sends the password, and answers every frame.
    private func authenticator() -> TestHandler {
        TestHandler { frame, slot, connection in
            connection.respond(slot, writer(of: frame))
            switch frame.array {
            case [42]: connection.authenticated(as: PeerPrincipal(name: "alice"))
            case [0]: break
            default: connection.closeWhenSent(.authenticationFailed("wrong password"))
            }
        }
    }

    @Test("frames go to the authenticator until it is satisfied, then to the handler, in one order of answers")
    func success() throws {
        let test = try TestNetwork()
        let (handler, authenticator) = (TestHandler.echo(), self.authenticator())
        let listener = try test.listen(handler, authenticator: authenticator) { $0.security = .saslPlaintext }
        let client = RawClient(port: listener.port)
        client.send(frame([0]) + frame([42]) + frame([7]))
        for payload in [0, 42, 7] as [UInt8] { #expect(client.receiveFrame() == [payload]) }
        #expect(authenticator.journal.entries == [.opened, .frame([0]), .frame([42])])
        #expect(handler.journal.entries == [.opened, .frame([7])])
        #expect(handler.opened[0].principal == PeerPrincipal(name: "alice"))
        client.disconnect()
        poll(until: "the end was reported") { handler.journal.entries.last == .closed(.peerClosed) }
        #expect(authenticator.journal.entries.count == 3)
    }

    @Test("a refusal is still answered, then the connection is closed; the handler never saw it")
    func failure() throws {
        let test = try TestNetwork()
        let (handler, authenticator, observer) = (TestHandler.echo(), self.authenticator(), TestObserver())
        let listener = try test.listen(handler, authenticator: authenticator, observer: observer) {
            $0.security = .saslPlaintext
        }
        let client = RawClient(port: listener.port)
        client.send(frame([13]) + frame([42]))
        #expect(client.receiveFrame() == [13])
        #expect(client.receive(1) == [])
        poll(until: "the end was reported") { observer.journal.entries.count == 1 }
        let reason = CloseReason.authenticationFailed("wrong password")
        #expect(observer.journal.entries == [.failedHandshake(reason)])
        #expect(authenticator.journal.entries == [.opened, .frame([13]), .closed(reason)])
        #expect(handler.journal.entries == [])
    }

    @Test("before authentication a frame may not be large")
    func largeFrame() throws {
        let test = try TestNetwork()
        let (handler, authenticator, observer) = (TestHandler.echo(), self.authenticator(), TestObserver())
        let listener = try test.listen(handler, authenticator: authenticator, observer: observer) {
            $0.security = .saslPlaintext
        }
        let limit = Connection.unauthenticatedFrameBytesMax
        let refused = RawClient(port: listener.port)
        refused.send(withUnsafeBytes(of: UInt32(limit + 1).bigEndian) { Array($0) })
        #expect(refused.receive(1) == [])
        poll(until: "the end was reported") { observer.journal.entries.count == 1 }
        #expect(
            observer.journal.entries == [.failedHandshake(.badFrame(.tooLarge(length: limit + 1, limit: limit)))])
        let welcome = RawClient(port: listener.port)
        let large = [UInt8](repeating: 7, count: limit + 1)
        welcome.send(frame([42]) + frame(large))
        #expect(welcome.receiveFrame() == [42])
        #expect(welcome.receiveFrame() == large)
    }

    @Test("a listener with SASL needs an authenticator")
    func missing() throws {
        let test = try TestNetwork()
        #expect(throws: ListenError(address: "127.0.0.1:0", reason: "SASL_PLAINTEXT needs a SASL mechanism")) {
            try test.listen(TestHandler.echo()) { $0.security = .saslPlaintext }
        }
    }
}
