import EventLoop
import Networking

/// A network with loops of its own, which ends with the test.
final class TestNetwork: Sendable {
    let network: Network
    private let loops: EventLoopGroup
    private let blocking: BlockingPool

    init(loopCount: Int = 2) throws {
        self.loops = try EventLoopGroup(count: loopCount, name: "test")
        self.blocking = try BlockingPool(threadCount: 2)
        self.network = Network(loops: self.loops, blocking: self.blocking)
        try self.loops.start()
    }

    deinit {
        self.network.closeAll()
        self.loops.stop()
        self.blocking.stop()
    }

    /// A started listener on a free port of this machine.
    func listen(
        _ handler: any FrameHandler, authenticator: (any FrameHandler)? = nil,
        observer: (any ListenerObserver)? = nil, configure: (inout ListenerConfiguration) -> Void = { _ in }
    ) throws -> Listener {
        var configuration = ListenerConfiguration(name: "TEST", host: "127.0.0.1", port: 0)
        configure(&configuration)
        let listener = try Listener(
            configuration, network: self.network, handler: handler, authenticator: authenticator, observer: observer)
        listener.start()
        return listener
    }
}
