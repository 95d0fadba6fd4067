import Networking
import Synchronization
import Testing

@Suite("Listener")
struct ListenerTests {
    @Test("a port in use is a clear error, and free again after stop")
    func portInUse() throws {
        let test = try TestNetwork()
        let first = try test.listen(TestHandler.echo())
        let port = first.port
        #expect(port != 0)
        #expect(throws: ListenError(address: "127.0.0.1:\(port)", reason: "Address already in use")) {
            try test.listen(TestHandler.echo()) { $0.port = port }
        }
        let isFree = Atomic<Bool>(false)
        first.stop { isFree.store(true, ordering: .sequentiallyConsistent) }
        poll(until: "the port is free") { isFree.load(ordering: .sequentiallyConsistent) }
        let second = try test.listen(TestHandler.echo()) { $0.port = port }
        #expect(second.port == port)
    }

    @Test("a listener on every address is reached over IPv4, and reports the peer so")
    func everyAddress() throws {
        let test = try TestNetwork()
        let handler = TestHandler.echo()
        let listener = try test.listen(handler) { $0.host = "" }
        let client = RawClient(port: listener.port)
        client.send(frame([1]))
        #expect(client.receiveFrame() == [1])
        #expect(handler.opened[0].peer.host == "127.0.0.1")
        #expect(handler.opened[0].local == SocketAddress(host: "127.0.0.1", port: listener.port))
    }

    @Test("connections are spread over the loops")
    func spread() throws {
        let test = try TestNetwork(loopCount: 2)
        let handler = TestHandler.echo()
        let listener = try test.listen(handler)
        let clients = (0..<4).map { _ in RawClient(port: listener.port) }
        for client in clients {
            client.send(frame([1]))
            #expect(client.receiveFrame() == [1])
        }
        #expect(Set(handler.opened.map { ObjectIdentifier($0.loop) }).count == 2)
        #expect(Set(handler.opened.map(\.id)).count == 4)
    }

    @Test("connections beyond the bound are refused until one has ended")
    func budget() throws {
        let test = try TestNetwork()
        let observer = TestObserver()
        let budget = ConnectionBudget(totalMax: 1)
        let listener = try test.listen(TestHandler.echo(), observer: observer) { $0.budget = budget }
        let first = RawClient(port: listener.port)
        first.send(frame([1]))
        #expect(first.receiveFrame() == [1])
        #expect(RawClient(port: listener.port).receive(1) == [])
        #expect(observer.journal.entries == [.refused(.tooManyConnections)])
        first.disconnect()
        poll(until: "the place is free") { budget.count == 0 }
        let second = RawClient(port: listener.port)
        second.send(frame([2]))
        #expect(second.receiveFrame() == [2])
    }

    @Test("a host name that means nothing is a clear error")
    func unknownHost() throws {
        let test = try TestNetwork()
        #expect(throws: ListenError.self) { try test.listen(TestHandler.echo()) { $0.host = "no.such.host.invalid" } }
    }
}
