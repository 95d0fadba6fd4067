import ApusCore
import EventLoop
import Glibc
import KafkaPrimitives
import Networking
import Testing

@Suite struct VirtualConnectionTests {
    private let machine = VirtualMachine()

    private func listen(_ handler: TestHandler) throws -> Listener {
        try Listener(
            ListenerConfiguration(name: "TEST", host: "10.0.0.1", port: 9092), network: self.machine.network,
            handler: handler)
    }

    private func connect(_ handler: TestOutgoingHandler) -> OutgoingConnection {
        OutgoingConnection.connect(
            OutgoingConfiguration(host: "10.0.0.1", port: 9092), network: self.machine.network, handler: handler)
    }

    @Test func `a peer waits until the listener starts, and is answered then`() throws {
        let handler = TestHandler.echo()
        let listener = try self.listen(handler)
        let peer = FarEnd()
        self.machine.listening?.offer(peer)
        peer.deliver([1, 2])
        self.machine.run()
        #expect(handler.journal.entries.isEmpty)
        listener.start()
        self.machine.run()
        #expect(handler.journal.entries == [.opened, .frame([1, 2])])
        #expect(peer.sent == [0, 0, 0, 2, 1, 2])
        #expect(handler.opened.first?.peer == peer.peer)
        listener.stop()
        self.machine.run()
        #expect(self.machine.listening?.isClosed == true)
        #expect(!peer.isClosed)
    }

    @Test func `a port that is taken is refused`() throws {
        let first = try self.listen(TestHandler.echo())
        #expect(throws: ListenError.self) { try self.listen(TestHandler.echo()) }
        withExtendedLifetime(first) {}
    }

    @Test func `what a stream does not take is sent when it takes more`() throws {
        let listener = try self.listen(TestHandler.echo())
        listener.start()
        let peer = FarEnd(room: 3)
        self.machine.listening?.offer(peer)
        peer.deliver([1, 2, 3])
        self.machine.run()
        #expect(peer.sent == [0, 0, 0])
        peer.makeRoom(2)
        self.machine.run()
        #expect(peer.sent == [0, 0, 0, 3, 1])
        peer.makeRoom(100)
        self.machine.run()
        #expect(peer.sent == [0, 0, 0, 3, 1, 2, 3])
    }

    @Test func `a paused connection reads on where it stopped`() throws {
        let handler = TestHandler { _, _, connection in connection.mute() }
        let listener = try self.listen(handler)
        listener.start()
        let peer = FarEnd()
        self.machine.listening?.offer(peer)
        peer.deliver([1])
        peer.deliver([2])
        peer.finish()
        self.machine.run()
        #expect(handler.journal.entries == [.opened, .frame([1])])
        handler.opened.first?.unmute()
        self.machine.run()
        #expect(handler.journal.frames == [[1], [2]])
        handler.opened.first?.unmute()
        self.machine.run()
        #expect(handler.journal.entries.last == .closed(.peerClosed))
        #expect(peer.isClosed)
    }

    @Test func `a reset ends the connection with its reason`() {
        let (peer, handler) = (FarEnd(), TestOutgoingHandler())
        self.machine.answer = .success(peer)
        let connection = self.connect(handler)
        self.machine.run()
        #expect(handler.journal.entries == [.opened])
        peer.reset()
        self.machine.run()
        let reason = CloseReason.failed(SystemError(number: ECONNRESET, operation: "recv"))
        #expect(handler.journal.entries == [.opened, .closed(reason)])
        withExtendedLifetime(connection) {}
    }

    @Test func `an attempt is refused, or given up after its time`() {
        let refused = TestOutgoingHandler()
        self.machine.answer = .failure(.connectionRefused)
        _ = self.connect(refused)
        self.machine.run()
        #expect(refused.journal.entries == [.closed(.connectionRefused)])
        let silent = TestOutgoingHandler()
        self.machine.answer = nil
        _ = self.connect(silent)
        self.machine.run(for: .seconds(9))
        #expect(silent.journal.entries.isEmpty)
        self.machine.run(for: .seconds(2))
        #expect(silent.journal.entries == [.closed(.connectTimeout)])
        #expect(self.machine.cancelled == 1)
    }

    @Test func `an abandoned network closes its streams and tells nobody`() throws {
        let handler = TestHandler.echo()
        let listener = try self.listen(handler)
        listener.start()
        let (near, far) = (FarEnd(), FarEnd())
        self.machine.listening?.offer(near)
        self.machine.answer = .success(far)
        let outgoing = TestOutgoingHandler()
        weak let connection = self.connect(outgoing)
        self.machine.run()
        #expect(connection?.configuration.port == 9092)
        self.machine.loop.stop()
        listener.abandon()
        self.machine.network.abandon()
        self.machine.run(for: .seconds(60))
        #expect(near.isClosed && far.isClosed)
        #expect(self.machine.listening?.isClosed == true)
        #expect(handler.journal.entries == [.opened])
        #expect(outgoing.journal.entries == [.opened])
        #expect(connection == nil)
    }
}
