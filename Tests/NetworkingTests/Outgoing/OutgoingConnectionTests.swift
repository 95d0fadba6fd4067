import ApusCore
import KafkaPrimitives
import Networking
import Testing

@Suite("Outgoing connection")
struct OutgoingConnectionTests {
    private func configuration(_ port: UInt16, host: String = "127.0.0.1") -> OutgoingConfiguration {
        OutgoingConfiguration(host: host, port: port)
    }

    @Test("frames go out and their answers come back in order", arguments: ["127.0.0.1", "localhost"])
    func echo(host: String) throws {
        let test = try TestNetwork()
        let listener = try test.listen(TestHandler.echo()) { $0.host = "" }
        let handler = TestOutgoingHandler { connection in
            connection.send(writer(of: ByteSlice([1])))
            connection.send(writer(of: ByteSlice([2])))
        }
        let connection = OutgoingConnection.connect(
            self.configuration(listener.port, host: host), network: test.network, handler: handler)
        poll(until: "the answers arrived") { handler.journal.frames.count == 2 }
        connection.close(.requested("done"))
        poll(until: "the end was reported") { handler.journal.entries.count == 4 }
        #expect(handler.journal.entries == [.opened, .frame([1]), .frame([2]), .closed(.requested("done"))])
    }

    @Test("a frame given before the connection stands is sent once it does")
    func early() throws {
        let test = try TestNetwork()
        let listener = try test.listen(TestHandler.echo())
        let handler = TestOutgoingHandler()
        let connection = OutgoingConnection.connect(
            self.configuration(listener.port), network: test.network, handler: handler)
        connection.send(writer(of: ByteSlice([1])))
        poll(until: "the answer arrived") { handler.journal.entries == [.opened, .frame([1])] }
    }

    @Test("a port where nobody listens is told apart from other failures")
    func refused() throws {
        let test = try TestNetwork()
        let listener = try test.listen(TestHandler.echo())
        let port = listener.port
        listener.stop()
        let handler = TestOutgoingHandler()
        poll(until: "the port is free") {
            OutgoingConnection.connect(self.configuration(port), network: test.network, handler: handler)
            return handler.journal.entries.contains(.closed(.connectionRefused))
        }
    }

    @Test("a name without an address ends the attempt")
    func unresolved() throws {
        let test = try TestNetwork()
        let handler = TestOutgoingHandler()
        OutgoingConnection.connect(
            self.configuration(1, host: "no.such.host.invalid"), network: test.network, handler: handler)
        poll(until: "the end was reported") { handler.journal.entries.count == 1 }
        guard case .closed(.unresolved(let error)) = handler.journal.entries[0] else {
            Issue.record("\(handler.journal.entries)")
            return
        }
        #expect(error.host == "no.such.host.invalid")
    }

    @Test("an address that does not answer times out")
    func timeout() throws {
        let test = try TestNetwork()
        let handler = TestOutgoingHandler()
        // A listener that does not accept, whose short queue is full, leaves further clients waiting.
        var listening = ListenerConfiguration(name: "FULL", host: "127.0.0.1", port: 0)
        listening.backlog = 0
        let listener = try Listener(listening, network: test.network, handler: TestHandler.echo())
        var configuration = self.configuration(listener.port)
        configuration.connectMax = .milliseconds(50)
        let first = RawClient(port: listener.port)
        for _ in 0..<4 { OutgoingConnection.connect(configuration, network: test.network, handler: handler) }
        poll(until: "an attempt timed out") { handler.journal.entries.contains(.closed(.connectTimeout)) }
        first.disconnect()
    }

    @Test("the peer's end is reported at once")
    func peerCloses() throws {
        let test = try TestNetwork()
        let server = TestHandler { _, _, connection in connection.close(.requested("enough")) }
        let listener = try test.listen(server)
        let handler = TestOutgoingHandler { $0.send(writer(of: ByteSlice([1]))) }
        OutgoingConnection.connect(self.configuration(listener.port), network: test.network, handler: handler)
        poll(until: "the end was reported") { handler.journal.entries.count == 2 }
        #expect(handler.journal.entries == [.opened, .closed(.peerClosed)])
    }
}
