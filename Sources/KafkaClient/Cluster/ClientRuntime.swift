package import EventLoop
package import Networking

/// The thread that some clients of a process live on, or the virtual loop that takes its place.
package final class ClientRuntime: Sendable {
    package let loop: EventLoop
    package let network: Network
    private let loops: EventLoopGroup
    private let blocking: BlockingPool
    private let seed: @Sendable () -> UInt64

    /// Starts the threads.
    ///
    /// - Throws: `system` where there are none left.
    package init() throws(ClientError) {
        do {
            self.loops = try EventLoopGroup(count: 1, name: "client")
            self.blocking = try BlockingPool(threadCount: 1, capacity: 1024, name: "client-names")
            try self.loops.start()
        } catch {
            throw ClientError(.system, "\(error)")
        }
        self.network = Network(loops: self.loops, blocking: self.blocking)
        self.loop = self.loops.next()
        self.seed = {
            var random = SystemRandomNumberGenerator()
            return random.next()
        }
    }

    /// Clients in virtual time: callbacks and deadlines work as ever, and nothing may wait for a thread.
    ///
    /// - Parameter loop: a virtual one.
    package init(loop: EventLoop, network virtual: any VirtualNetwork) {
        guard let host = loop.clock.host else { preconditionFailure("a loop with a thread has the system's sockets") }
        self.loop = loop
        self.loops = EventLoopGroup([self.loop])
        self.blocking = BlockingPool(host: host)
        self.network = Network(loops: self.loops, blocking: self.blocking, virtual: virtual)
        self.seed = { host.nextSeed() }
    }

    /// A seed for a client's own randomness.
    func nextSeed() -> UInt64 { self.seed() }

    /// Closes what connections are left and ends the threads. Not on the loop.
    ///
    /// In virtual time everything is dropped where it is; nobody is told.
    package func stop() {
        self.network.closeAll()
        self.loops.stop()
        if self.loop.clock.host != nil { self.network.abandon() }
        self.blocking.stop()
    }
}
