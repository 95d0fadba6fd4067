import ApusCore
import Chaos
import Foundation
import Glibc
import Testing

/// A blocking TCP socket for tests.
private final class Plug {
    let descriptor: Int32

    init(_ descriptor: Int32 = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)) {
        self.descriptor = descriptor
    }

    deinit {
        close(self.descriptor)
    }

    static func address(_ host: String, _ port: UInt16) -> sockaddr_in {
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = port.bigEndian
        address.sin_addr.s_addr = inet_addr(host)
        return address
    }

    func with(_ host: String, _ port: UInt16, _ body: (Int32, UnsafePointer<sockaddr>, socklen_t) -> Int32) -> Bool {
        var address = Self.address(host, port)
        return withUnsafePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                body(self.descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size)) == 0
            }
        }
    }

    func send(_ text: String) { _ = Glibc.send(self.descriptor, text, text.utf8.count, Int32(MSG_NOSIGNAL)) }

    /// Nil where nothing comes within the time; empty at the end.
    func receive(milliseconds: Int32) -> String? {
        var poll = pollfd(fd: self.descriptor, events: Int16(POLLIN), revents: 0)
        guard Glibc.poll(&poll, 1, milliseconds) > 0 else { return nil }
        var buffer = [UInt8](repeating: 0, count: 1000)
        let count = recv(self.descriptor, &buffer, buffer.count, 0)
        return String(decoding: buffer.prefix(max(0, count)), as: UTF8.self)
    }

    func accept(milliseconds: Int32) -> Plug? {
        var poll = pollfd(fd: self.descriptor, events: Int16(POLLIN), revents: 0)
        guard Glibc.poll(&poll, 1, milliseconds) > 0 else { return nil }
        return Plug(Glibc.accept(self.descriptor, nil, nil))
    }
}

/// Node 1 behind the proxy, and node 0 and a client that connect to it.
private final class Stage {
    let addresses: LoopbackAddresses
    let proxy: LinkProxy
    let server = Plug()
    static let port = LoopbackAddresses.brokerPort

    init() throws {
        for network in (32...223).shuffled() {
            let addresses = LoopbackAddresses(network: network)
            var one: Int32 = 1
            setsockopt(self.server.descriptor, SOL_SOCKET, SO_REUSEADDR, &one, 4)
            guard self.server.with(addresses.host(of: 1), Self.port, { bind($0, $1, $2) }) else { continue }
            self.addresses = addresses
            listen(self.server.descriptor, 16)
            self.proxy = try LinkProxy(
                [
                    .init(
                        node: 1, address: LinkAddress(host: addresses.proxiedHost(of: 1), port: Self.port),
                        target: LinkAddress(host: addresses.host(of: 1), port: Self.port))
                ], hosts: [addresses.host(of: 0): 0, addresses.host(of: 1): 1])
            // The proxy looks whether the node listens.
            _ = try #require(self.server.accept(milliseconds: 5000))
            return
        }
        throw CocoaError(.fileNoSuchFile)
    }

    /// Connects as node 0, or as a client, as soon as the proxy listens.
    func connect(asNode: Bool) throws -> Plug {
        let deadline = ContinuousClock.now + .seconds(5)
        while ContinuousClock.now < deadline {
            let plug = Plug()
            if asNode { _ = plug.with(self.addresses.host(of: 0), 0) { bind($0, $1, $2) } }
            if plug.with(self.addresses.proxiedHost(of: 1), Self.port, { Glibc.connect($0, $1, $2) }) { return plug }
            usleep(2000)
        }
        throw CocoaError(.fileNoSuchFile)
    }

    /// A connection through the proxy, both ends.
    func pair(asNode: Bool) throws -> (near: Plug, far: Plug) {
        let near = try self.connect(asNode: asNode)
        return (near, try #require(self.server.accept(milliseconds: 5000)))
    }

    deinit {
        self.proxy.stop()
    }
}

@Suite("The proxy between nodes", .serialized)
struct LinkProxyTests {
    private static func cut(_ pairs: [(LinkEnd, LinkEnd)]) -> LinkConditions {
        var conditions = LinkConditions()
        for (from, to) in pairs { conditions[from, to].isCut = true }
        return conditions
    }

    @Test("passes bytes on in both directions, and the end of a connection")
    func passes() throws {
        let stage = try Stage()
        let (near, far) = try stage.pair(asNode: true)
        near.send("question")
        #expect(far.receive(milliseconds: 5000) == "question")
        far.send("answer")
        #expect(near.receive(milliseconds: 5000) == "answer")
        shutdown(near.descriptor, Int32(SHUT_WR))
        #expect(far.receive(milliseconds: 5000) == "")
    }

    @Test("a cut is silent, is for its two ends alone, and heals with what was sent meanwhile")
    func cuts() throws {
        let stage = try Stage()
        let (node, nodeFar) = try stage.pair(asNode: true)
        let (client, clientFar) = try stage.pair(asNode: false)
        stage.proxy.apply(Self.cut([(.node(0), .node(1)), (.node(1), .node(0))]))
        client.send("a")
        #expect(clientFar.receive(milliseconds: 5000) == "a")
        node.send("b")
        #expect(nodeFar.receive(milliseconds: 100) == nil)
        let hanging = try stage.connect(asNode: true)
        hanging.send("c")
        #expect(stage.server.accept(milliseconds: 100) == nil)
        stage.proxy.apply(LinkConditions())
        #expect(nodeFar.receive(milliseconds: 5000) == "b")
        let late = try #require(stage.server.accept(milliseconds: 5000))
        #expect(late.receive(milliseconds: 5000) == "c")
    }

    @Test("a one-way cut stalls one direction")
    func oneWay() throws {
        let stage = try Stage()
        let (near, far) = try stage.pair(asNode: true)
        stage.proxy.apply(Self.cut([(.node(1), .node(0))]))
        near.send("heard")
        #expect(far.receive(milliseconds: 5000) == "heard")
        far.send("lost")
        #expect(near.receive(milliseconds: 100) == nil)
    }

    @Test("the end of a process does not pass a cut")
    func deathBehindCut() throws {
        let stage = try Stage()
        var (near, far): (Plug, Plug?) = try stage.pair(asNode: true)
        stage.proxy.apply(Self.cut([(.node(0), .node(1)), (.node(1), .node(0))]))
        near.send("x")
        _ = far
        far = nil
        #expect(near.receive(milliseconds: 100) == nil)
        stage.proxy.apply(LinkConditions())
        #expect(near.receive(milliseconds: 5000) == "")
    }

    @Test("latency delays each byte, and a reset ends connections with an error")
    func latencyAndReset() throws {
        let stage = try Stage()
        let (near, far) = try stage.pair(asNode: true)
        var conditions = LinkConditions()
        conditions[.node(0), .node(1)].latency = .milliseconds(150)
        stage.proxy.apply(conditions)
        let began = ContinuousClock.now
        near.send("slow")
        #expect(far.receive(milliseconds: 5000) == "slow")
        #expect(ContinuousClock.now - began >= .milliseconds(140))
        stage.proxy.reset([0])
        var byte: UInt8 = 0
        var poll = pollfd(fd: far.descriptor, events: Int16(POLLIN), revents: 0)
        #expect(Glibc.poll(&poll, 1, 5000) == 1)
        #expect(recv(far.descriptor, &byte, 1, 0) == -1 && errno == ECONNRESET)
    }

    @Test("refuses connections while nobody listens behind it")
    func refuses() throws {
        let stage = try Stage()
        _ = try stage.pair(asNode: true)
        shutdown(stage.server.descriptor, Int32(SHUT_RDWR))
        stage.proxy.nodeEnded(1)
        let deadline = ContinuousClock.now + .seconds(5)
        var isRefused = false
        while !isRefused, ContinuousClock.now < deadline {
            let plug = Plug()
            isRefused =
                !plug.with(stage.addresses.proxiedHost(of: 1), Stage.port) { Glibc.connect($0, $1, $2) }
                && errno == ECONNREFUSED
            usleep(2000)
        }
        #expect(isRefused)
    }
}
