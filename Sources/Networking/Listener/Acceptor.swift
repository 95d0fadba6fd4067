import ApusCore
import EventLoop
import Glibc

/// Accepts the connections of one listening socket, on one loop.
final class Acceptor: ReadinessHandler, @unchecked Sendable {
    // Unchecked: every use is on the loop.
    private let socket: ListeningSocket
    private let loop: EventLoop
    private let context: ListenerContext
    private let network: Network
    private var registration: Registration?
    private var hasEnded = false

    /// Connections accepted before other descriptors get their turn.
    private static let acceptedMax = 64
    /// How long nothing is accepted after the system had no descriptor left.
    private static let pauseAfterFailure = Interval.milliseconds(100)

    init(socket: ListeningSocket, loop: EventLoop, context: ListenerContext, network: Network) {
        self.socket = socket
        self.loop = loop
        self.context = context
        self.network = network
    }

    deinit {
        if !self.hasEnded { self.socket.close() }
    }

    func begin() {
        guard !self.hasEnded else { return }
        do {
            self.registration = try self.socket.register(on: self.loop, handler: self)
        } catch {
            self.context.observer?.acceptFailed(listener: self.context.configuration.name, error: error)
        }
    }

    func end() {
        guard !self.hasEnded else { return }
        self.hasEnded = true
        if let registration = self.registration, !self.loop.hasHalted { self.loop.deregister(registration) }
        self.socket.close()
    }

    func descriptorReady(_ readiness: Readiness) {
        for _ in 0..<Self.acceptedMax {
            switch self.socket.accept() {
            case .accepted(let wire, let peer):
                self.accept(wire, peer: peer)
            case .failed(let error):
                switch error.number {
                case EAGAIN:
                    return
                case EMFILE, ENFILE, ENOBUFS, ENOMEM:
                    self.pause(error)
                    return
                default:
                    // The peer has gone already, or its network said so: the next one may be there.
                    continue
                }
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

    private func accept(_ wire: Wire, peer: SocketAddress) {
        let configuration = self.context.configuration
        if let budget = configuration.budget, !budget.acquire(peer.host) {
            self.context.observer?.connectionRefused(
                from: peer, listener: configuration.name, reason: .tooManyConnections)
            wire.close()
            return
        }
        let local = wire.prepareAccepted(sendBufferBytes: configuration.sendBufferBytes)
        let id = self.network.nextConnectionID()
        let context = self.context
        let lane = self.network.nextLane()
        let isQueued = lane.loop.execute {
            var accepted = AcceptedSocket(id: id, wire: wire, peer: peer, local: local)
            do throws(TLSError) {
                if configuration.security.usesTLS {
                    accepted.tls = try wire.session(configuration.tls, host: nil)
                }
            } catch {
                configuration.budget?.release(peer.host)
                context.observer?.connectionRefused(
                    from: peer, listener: configuration.name, reason: .tlsFailed(error.reason))
                wire.close()
                return
            }
            let connection = Connection(accepted: accepted, lane: lane, listener: context)
            connection.begin(handshakeMax: configuration.handshakeMax)
        }
        if !isQueued {
            configuration.budget?.release(peer.host)
            wire.close()
        }
    }
}
