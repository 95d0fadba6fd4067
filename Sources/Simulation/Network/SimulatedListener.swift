import EventLoop
import Networking

/// A socket of a host that listens. The machine completes connections for it until there are too many that nobody
/// has accepted; it does so for a host that is paused, too.
final class SimulatedListener: VirtualListener, @unchecked Sendable {
    // Unchecked: used by the thread that runs the world only.

    let address: SocketAddress
    let host: SimulatedHost
    private var waiting: [SimulatedStream] = []
    private var changed: (@Sendable () -> Void)?
    private(set) var isClosed = false

    /// Connections that wait for being accepted, at most.
    private static let waitingMax = 50

    init(address: SocketAddress, host: SimulatedHost) {
        self.address = address
        self.host = host
    }

    var isFull: Bool { self.waiting.count >= Self.waitingMax }

    var readiness: Readiness { self.waiting.isEmpty ? [] : .readable }

    func begin(_ changed: @escaping @Sendable () -> Void) {
        self.changed = changed
    }

    func add(_ stream: SimulatedStream) {
        self.waiting.append(stream)
        self.changed?()
    }

    func accept() -> (any VirtualStream)? {
        self.waiting.isEmpty ? nil : self.waiting.removeFirst()
    }

    func close() {
        guard !self.isClosed else { return }
        self.isClosed = true
        self.changed = nil
        self.host.machine.listeners[self.address.port] = nil
        let waiting = self.waiting
        self.waiting = []
        for stream in waiting { stream.reset() }
    }
}
