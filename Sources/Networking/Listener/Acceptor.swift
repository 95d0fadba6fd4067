import ApusCore
import CSystem
import EventLoop
import Glibc

/// Accepts the connections of one listening socket, on one loop.
final class Acceptor: ReadinessHandler, @unchecked Sendable {
    // Unchecked: every use is on the loop.
    private let descriptor: Int32
    private let loop: EventLoop
    private let context: ListenerContext
    private let network: Network
    private var registration: Registration?
    private var hasEnded = false

    /// Connections accepted before other descriptors get their turn.
    private static let acceptedMax = 64
    /// How long nothing is accepted after the system had no descriptor left.
    private static let pauseAfterFailure = Interval.milliseconds(100)

    init(descriptor: Int32, loop: EventLoop, context: ListenerContext, network: Network) {
        self.descriptor = descriptor
        self.loop = loop
        self.context = context
        self.network = network
    }

    deinit {
        if !self.hasEnded { _ = apus_close(self.descriptor) }
    }

    func begin() {
        guard !self.hasEnded else { return }
        do {
            self.registration = try self.loop.register(self.descriptor, for: .readable, handler: self)
        } catch {
            self.context.observer?.acceptFailed(listener: self.context.configuration.name, error: error)
        }
    }

    func end() {
        guard !self.hasEnded else { return }
        self.hasEnded = true
        if let registration = self.registration { self.loop.deregister(registration) }
        _ = apus_close(self.descriptor)
    }

    func descriptorReady(_ readiness: Readiness) {
        for _ in 0..<Self.acceptedMax {
            var raw = sockaddr_storage()
            var length = socklen_t()
            let result = apus_accept(self.descriptor, &raw, &length)
            if result >= 0 {
                self.accept(result, peer: SocketAddress(raw))
                continue
            }
            switch -result {
            case EAGAIN:
                return
            case EMFILE, ENFILE, ENOBUFS, ENOMEM:
                self.pause(SystemError(number: -result, operation: "accept4"))
                return
            default:
                // The peer has gone already, or its network said so: the next one may be there.
                continue
            }
        }
    }

    private func pause(_ error: SystemError) {
        self.context.observer?.acceptFailed(listener: self.context.configuration.name, error: error)
        guard let registration = self.registration else { return }
        self.loop.setInterest([], of: registration)
        _ = self.loop.schedule(after: Self.pauseAfterFailure) { [weak self] in
            guard let self, !self.hasEnded else { return }
            self.loop.setInterest(.readable, of: registration)
        }
    }

    private func accept(_ descriptor: Int32, peer: SocketAddress) {
        let configuration = self.context.configuration
        if let budget = configuration.budget, !budget.acquire(peer.host) {
            self.context.observer?.connectionRefused(
                from: peer, listener: configuration.name, reason: .tooManyConnections)
            _ = apus_close(descriptor)
            return
        }
        // Options are wishes: a connection works without them.
        _ = apus_no_delay(descriptor)
        _ = apus_keep_alive(descriptor)
        if let bytes = configuration.sendBufferBytes { _ = apus_send_buffer(descriptor, bytes) }
        var raw = sockaddr_storage()
        var length = socklen_t()
        _ = apus_local_address(descriptor, &raw, &length)
        let local = SocketAddress(raw)
        let context = self.context
        let lane = self.network.nextLane()
        let isQueued = lane.loop.execute {
            var accepted = AcceptedSocket(descriptor: descriptor, peer: peer, local: local)
            do throws(TLSError) {
                if configuration.security.usesTLS {
                    accepted.tls = try configuration.tls?.makeSession(descriptor, host: nil)
                }
            } catch {
                configuration.budget?.release(peer.host)
                context.observer?.connectionRefused(
                    from: peer, listener: configuration.name, reason: .tlsFailed(error.reason))
                _ = apus_close(descriptor)
                return
            }
            let connection = Connection(accepted: accepted, lane: lane, listener: context)
            connection.begin(handshakeMax: configuration.handshakeMax)
        }
        if !isQueued {
            configuration.budget?.release(peer.host)
            _ = apus_close(descriptor)
        }
    }
}
