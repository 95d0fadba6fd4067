package import EventLoop
package import Networking

/// The thread that some clients of a process live on.
package final class ClientRuntime: Sendable {
    package let loop: EventLoop
    package let network: Network
    private let loops: EventLoopGroup
    private let blocking: BlockingPool

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
    }

    /// Closes what connections are left and ends the threads. Not on the loop.
    package func stop() {
        self.network.closeAll()
        self.loops.stop()
        self.blocking.stop()
    }
}
