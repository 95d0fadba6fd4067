import ApusCore
import CSystem
import EventLoop
import Glibc
import Networking
import Simulation
import Testing

/// Two machines with one host each, and a listener on the second.
private final class TwoHosts {
    let world: World
    let one: SimulatedHost
    let two: SimulatedHost
    let listener: any VirtualListener

    init(seed: UInt64) throws {
        self.world = World(seed: seed)
        self.world.network.addMachine("one", zone: "a")
        self.world.network.addMachine("two", zone: "b")
        self.one = self.world.makeHost(on: "one")
        self.two = self.world.makeHost(on: "two")
        self.listener = try self.two.sockets.listen(host: "", port: 9092)
    }

    final class Box: @unchecked Sendable {
        // Unchecked: a test is one thread.
        var result: Result<any VirtualStream, CloseReason>?
    }

    func connect(port: UInt16 = 9092) -> Box {
        let box = Box()
        _ = self.one.sockets.connect(host: "two", port: port) { box.result = $0 }
        return box
    }

    func connected() throws -> (any VirtualStream, any VirtualStream) {
        let box = self.connect()
        #expect(self.world.run(atMost: .seconds(1)) { box.result != nil })
        let near = try #require(try box.result?.get())
        return (near, try #require(self.listener.accept()))
    }
}

extension VirtualStream {
    fileprivate func send(_ text: String) -> Int {
        var bytes = Array(text.utf8)
        return bytes.withUnsafeMutableBytes { buffer in
            var piece = iovec(iov_base: buffer.baseAddress, iov_len: buffer.count)
            return self.send(&piece, count: 1)
        }
    }

    fileprivate func text() -> String {
        var bytes = [UInt8](repeating: 0, count: 1000)
        let count = bytes.withUnsafeMutableBytes { self.receive(into: $0) }
        return count < 0 ? "error \(-count)" : String(decoding: bytes[..<count], as: UTF8.self)
    }
}

@Suite struct SimulatedNetworkTests {
    @Test func `bytes arrive in order, and the end behind them`() throws {
        let hosts = try TwoHosts(seed: 1)
        let (near, far) = try hosts.connected()
        for word in ["one ", "two ", "three"] { #expect(near.send(word) == word.utf8.count) }
        #expect(far.text() == "error \(EAGAIN)")
        near.close()
        hosts.world.run(for: .seconds(1))
        #expect(far.readiness.contains(.peerClosed))
        #expect(far.text() == "one two three")
        #expect(far.text() == "")
    }

    @Test func `a machine without a process refuses, one without power does not answer`() throws {
        let hosts = try TwoHosts(seed: 2)
        let wrongPort = hosts.connect(port: 1)
        hosts.world.run(for: .seconds(1))
        guard case .failure(.connectionRefused) = wrongPort.result else {
            Issue.record("not refused")
            return
        }
        hosts.two.end()
        let dead = hosts.connect()
        hosts.world.run(for: .seconds(1))
        guard case .failure(.connectionRefused) = dead.result else {
            Issue.record("not refused")
            return
        }
        let other = try TwoHosts(seed: 3)
        other.two.end(losingPower: true)
        let silent = other.connect()
        other.world.run(for: .seconds(60))
        #expect(silent.result == nil)
    }

    @Test func `what is sent over a cut link arrives once the link is mended`() throws {
        let hosts = try TwoHosts(seed: 4)
        let (near, far) = try hosts.connected()
        let (one, two) = (hosts.one.machine, hosts.two.machine)
        hosts.world.network.cut(from: one, to: two)
        #expect(near.send("late") == 4)
        #expect(far.send("back") == 4)
        hosts.world.run(for: .seconds(3))
        #expect(far.text() == "error \(EAGAIN)")
        #expect(near.text() == "back")
        hosts.world.network.mend(from: one, to: two)
        hosts.world.run(for: .seconds(3))
        #expect(far.text() == "late")
    }

    @Test func `a sender's patience ends, and the receiver learns of it much later`() throws {
        let hosts = try TwoHosts(seed: 5)
        let (near, far) = try hosts.connected()
        hosts.world.network.cut(from: hosts.one.machine, to: hosts.two.machine)
        #expect(near.send("lost") == 4)
        hosts.world.run(for: .seconds(15))
        #expect(near.failure == ETIMEDOUT)
        #expect(far.failure == 0)
        hosts.world.network.mendAll()
        hosts.world.run(for: .seconds(30))
        #expect(far.failure == ECONNRESET)
    }

    @Test func `a killed process closes its connections, one without power falls silent`() throws {
        let killed = try TwoHosts(seed: 6)
        let (near, _) = try killed.connected()
        killed.two.end()
        killed.world.run(for: .seconds(1))
        #expect(near.readiness.contains(.peerClosed))
        let dark = try TwoHosts(seed: 7)
        let (other, _) = try dark.connected()
        dark.two.end(losingPower: true)
        #expect(other.send("hello") == 5)
        dark.world.run(for: .seconds(1))
        #expect(other.failure == 0 && !other.readiness.contains(.peerClosed))
    }

    @Test func `a late break resets the sender and delivers what it had sent`() throws {
        let hosts = try TwoHosts(seed: 8)
        let (near, far) = try hosts.connected()
        #expect(near.send("ghost") == 5)
        hosts.world.network.breakConnections(of: hosts.one.machine, .late, delay: .seconds(1))
        #expect(near.failure == ECONNRESET)
        hosts.world.run(for: .milliseconds(500))
        #expect(far.text() == "error \(EAGAIN)")
        hosts.world.run(for: .seconds(1))
        #expect(far.text() == "ghost")
        #expect(far.failure == ECONNRESET)
    }

    @Test func `a full window holds the sender back until the receiver has read`() throws {
        let hosts = try TwoHosts(seed: 9)
        hosts.world.network.window = 8
        let (near, far) = try hosts.connected()
        #expect(near.send("0123456789") == 8)
        #expect(near.send("89") == -Int(EAGAIN))
        hosts.world.run(for: .seconds(1))
        #expect(far.text() == "01234567")
        #expect(near.readiness.contains(.writable))
    }
}
