import ApusCore
import KafkaPrimitives
import Networking
import Testing

@Suite("Reconnecting connection")
struct ReconnectingConnectionTests {
    @Test("it comes back after every end, learns that nobody listens, and stays away once stopped")
    func comesBack() throws {
        let test = try TestNetwork()
        let server = TestHandler { frame, slot, connection in
            connection.respond(slot, writer(of: frame))
            connection.closeWhenSent(.requested("enough"))
        }
        let first = try test.listen(server)
        let port = first.port
        let handler = TestOutgoingHandler { $0.send(writer(of: ByteSlice([1]))) }
        let backoff = ReconnectBackoff(initial: .milliseconds(1), maximum: .milliseconds(4))
        let connection = ReconnectingConnection(
            OutgoingConfiguration(host: "127.0.0.1", port: port), network: test.network, backoff: backoff, seed: 1,
            handler: handler)
        connection.start()
        poll(until: "it was open three times") { handler.journal.frames.count >= 3 }
        #expect(
            handler.journal.entries.prefix(6) == [
                .opened, .frame([1]), .closed(.peerClosed), .opened, .frame([1]), .closed(.peerClosed),
            ])
        first.stop()
        poll(until: "nobody listens") { handler.journal.entries.last == .closed(.connectionRefused) }
        let seen = handler.journal.frames.count
        _ = try test.listen(server) { $0.port = port }
        poll(until: "it was open again") { handler.journal.frames.count > seen }
        connection.stop(.requested("done"))
        poll(until: "it was stopped") { server.opened.count > 0 && handler.journal.entries.last?.isClosed == true }
    }
}
