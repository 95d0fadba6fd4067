import ApusCore
import CSystem
import Dispatch
import EventLoop

/// Stands in front of every listener of a cluster's nodes, and does to what passes what the links' conditions say.
///
/// Who connects is told by the source address: a node's own host, anyone else is a client. A cut is silent: bytes wait
/// in both sockets, connections that are made meanwhile hang, and the end of a process is not seen through it; when it
/// heals, what waited arrives, as it would by retransmission.
package final class LinkProxy: @unchecked Sendable {
    // Unchecked: everything but the entry points, which hop to the loop, is touched on the loop only.
    let loop: EventLoop
    private(set) var conditions = LinkConditions()
    /// Lent to one read at a time.
    let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: 64 << 10, alignment: 16)
    private var listeners: [LinkListener] = []
    private var connections: [ObjectIdentifier: LinkedConnection] = [:]
    private let hosts: [String: LinkEnd]

    /// What the proxy listens on and where it leads.
    package struct Route: Sendable {
        package var node: Int
        package var address: LinkAddress
        package var target: LinkAddress

        package init(node: Int, address: LinkAddress, target: LinkAddress) {
            self.node = node
            self.address = address
            self.target = target
        }
    }

    /// Starts the proxy's thread.
    ///
    /// - Parameter hosts: the source addresses of the nodes.
    /// - Throws: `system` where there is no thread left.
    package init(_ routes: [Route], hosts: [String: Int]) throws(ChaosError) {
        self.hosts = hosts.mapValues { LinkEnd.node($0) }
        do {
            self.loop = try EventLoop(name: "links")
            try self.loop.start()
        } catch {
            throw ChaosError(.system, "cannot start the proxy: \(error)")
        }
        self.loop.execute {
            for route in routes {
                let listener = LinkListener(
                    node: route.node, address: route.address, target: route.target, proxy: self)
                self.listeners.append(listener)
                listener.begin()
            }
        }
    }

    deinit {
        self.buffer.deallocate()
    }

    // MARK: From any thread

    /// Sets the conditions of all links; they hold when this returns.
    package func apply(_ conditions: LinkConditions) {
        self.perform {
            self.conditions = conditions
            for connection in Array(self.connections.values) { connection.update() }
        }
    }

    /// Resets all connections from and to the nodes, those of clients among them.
    package func reset(_ nodes: [Int]) {
        let ends = Set(nodes.map { LinkEnd.node($0) })
        self.perform {
            for connection in Array(self.connections.values)
            where ends.contains(connection.from) || ends.contains(connection.to) {
                connection.reset()
            }
        }
    }

    /// The node's process has ended: its listeners refuse from now on, unless a cut hides that.
    package func nodeEnded(_ node: Int) {
        self.perform {
            guard !self.conditions.touchesCut(.node(node)) else { return }
            for listener in self.listeners where listener.node == node { listener.shut() }
        }
    }

    /// Closes everything and ends the thread. Not on the loop.
    package func stop() {
        self.loop.execute {
            for listener in self.listeners { listener.close() }
            self.listeners = []
            for connection in Array(self.connections.values) { connection.reset() }
        }
        self.loop.stop()
        self.loop.join()
    }

    /// Does something on the loop and waits for it.
    private func perform(_ body: @escaping @Sendable () -> Void) {
        let done = DispatchSemaphore(value: 0)
        let isQueued = self.loop.execute {
            body()
            done.signal()
        }
        if isQueued { done.wait() }
    }

    // MARK: On the loop

    func accepted(_ descriptor: Int32, from host: String, at listener: LinkListener) {
        let from = self.hosts[host] ?? .clients
        let to = LinkEnd.node(listener.node)
        guard !self.conditions[from, to].isRefused else {
            _ = apus_linger_none(descriptor)
            _ = apus_close(descriptor)
            return
        }
        let connection = LinkedConnection(
            accepted: descriptor, from: from, to: to, target: listener.target, proxy: self)
        self.connections[ObjectIdentifier(connection)] = connection
        connection.update()
    }

    func upstreamRefused(_ target: LinkAddress) {
        for listener in self.listeners
        where listener.target == target && !self.conditions.touchesCut(.node(listener.node)) {
            listener.shut()
        }
    }

    func ended(_ connection: LinkedConnection) {
        self.connections[ObjectIdentifier(connection)] = nil
    }
}
