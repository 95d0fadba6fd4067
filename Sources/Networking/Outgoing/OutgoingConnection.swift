import ApusCore
import CSystem
package import EventLoop
package import KafkaPrimitives

/// A connection that this process makes: frames out, frames in. What they mean, and how many may be under way, is the
/// caller's.
///
/// Transitions: connecting (`connect`) -> open -> closed, or connecting -> closed. A lost connection stays lost; see
/// `ReconnectBackoff` for when to make the next one. `send` and `close` may be called from any thread.
package final class OutgoingConnection: @unchecked Sendable {
    // Unchecked: what changes is touched on the loop only; the entry points for other threads hop there.

    private enum State {
        case resolving
        case connecting(any ConnectingAttempt)
        case securing(FramedSocket)
        case open(FramedSocket)
        case closed
    }

    package let configuration: OutgoingConfiguration
    package let loop: EventLoop
    private let lane: Lane
    /// Nil once the node was abandoned.
    private var handler: (any OutgoingHandler)?
    private var state = State.resolving
    private var timeout: TimerID?
    /// Given before the connection was open.
    private var early: [OutgoingMessage] = []
    /// The address that answered. Only on the loop.
    package private(set) var peer: SocketAddress?

    private init(configuration: OutgoingConfiguration, lane: Lane, handler: any OutgoingHandler) {
        self.configuration = configuration
        self.lane = lane
        self.loop = lane.loop
        self.handler = handler
    }

    /// Begins to connect; the handler is told how it went. From any thread.
    ///
    /// - Parameter loop: where the connection lives; nil takes the network's next loop.
    @discardableResult
    package static func connect(
        _ configuration: OutgoingConfiguration, network: Network, loop: EventLoop? = nil, handler: any OutgoingHandler
    ) -> OutgoingConnection {
        let lane = loop.map { network.lane(of: $0) } ?? network.nextLane()
        let connection = OutgoingConnection(configuration: configuration, lane: lane, handler: handler)
        lane.remember(connection)
        lane.loop.execute { connection.begin() }
        return connection
    }

    /// Sends the writer's bytes, and its pieces of files, as one frame. Frames given before the connection is open wait
    /// for that; after its end they are dropped. From any thread.
    package func send(_ writer: consuming ByteWriter) {
        let message = OutgoingMessage(writer)
        if self.loop.isInEventLoop {
            self.send(message)
        } else {
            self.loop.execute { self.send(message) }
        }
    }

    /// From any thread.
    package func close(_ reason: CloseReason) {
        if self.loop.isInEventLoop {
            self.end(reason)
        } else {
            self.loop.execute { self.end(reason) }
        }
    }

    /// Only on the loop.
    package var isOpen: Bool {
        if case .open = self.state { true } else { false }
    }

    /// Bytes that were given and that the system has not taken yet. Only on the loop.
    package var unsentBytes: Int {
        if case .open(let socket) = self.state { return socket.output.unsentBytes }
        return self.early.reduce(0) { $0 + $1.count }
    }

    /// Reads nothing until `unmute`. Only on the loop.
    package func mute() {
        if case .open(let socket) = self.state { socket.pause(.muted) }
    }

    /// Goes on reading. Only on the loop.
    package func unmute() {
        if case .open(let socket) = self.state { socket.resume(.muted) }
    }

    private func send(_ message: OutgoingMessage) {
        switch self.state {
        case .open(let socket): socket.send(message)
        case .resolving, .connecting, .securing: self.early.append(message)
        case .closed: break
        }
    }
}

// MARK: Connecting

extension OutgoingConnection {
    private func begin() {
        guard case .resolving = self.state else { return }
        if self.lane.isClosed {
            self.end(.shutdown)
            return
        }
        self.timeout = self.loop.schedule(after: self.configuration.connectMax) { [weak self] in
            self?.timeout = nil
            self?.end(.connectTimeout)
        }
        let (host, port) = (self.configuration.host, self.configuration.port)
        if let virtual = self.lane.virtual {
            self.connect(through: virtual)
            return
        }
        if let address = SocketAddress(host: host, port: port) {
            self.connect(to: [address])
            return
        }
        let isAccepted = self.lane.blocking.submit {
            let result = Result { () throws(ResolutionError) in try AddressResolver.resolve(host: host, port: port) }
            self.loop.execute { self.resolved(result) }
        }
        if !isAccepted { self.end(.unresolved(ResolutionError(host: host, reason: "too many look-ups wait"))) }
    }

    private func resolved(_ result: Result<[SocketAddress], ResolutionError>) {
        switch result {
        case .success(let addresses): self.connect(to: addresses)
        case .failure(let error): self.end(.unresolved(error))
        }
    }

    private func connect(to addresses: [SocketAddress]) {
        guard case .resolving = self.state else { return }
        let configuration = self.configuration
        let attempt = ConnectAttempt(loop: self.loop, addresses: addresses) { descriptor in
            // Options are wishes: a connection works without them.
            _ = apus_no_delay(descriptor)
            _ = apus_keep_alive(descriptor)
            if let bytes = configuration.sendBufferBytes { _ = apus_send_buffer(descriptor, bytes) }
            if let bytes = configuration.receiveBufferBytes { _ = apus_receive_buffer(descriptor, bytes) }
        } completion: {
            self.attemptEnded($0)
        }
        self.state = .connecting(attempt)
        attempt.begin()
    }

    private func connect(through virtual: any VirtualNetwork) {
        let attempt = VirtualConnectAttempt(loop: self.loop) { self.attemptEnded($0) }
        self.state = .connecting(attempt)
        attempt.begin(host: self.configuration.host, port: self.configuration.port, on: virtual)
    }

    private func attemptEnded(_ result: Result<Connected, CloseReason>) {
        switch result {
        case .success(let connected): self.connected(connected)
        case .failure(let reason): self.end(reason)
        }
    }

    private func connected(_ connected: Connected) {
        self.peer = connected.peer
        let session: TLSSession?
        do throws(TLSError) {
            session = try connected.wire.session(self.configuration.tls, host: self.configuration.host)
        } catch {
            connected.wire.close()
            self.finish(.tlsFailed(error.reason))
            return
        }
        let limits = FramedSocket.Limits(
            frameBytesMax: self.configuration.frameBytesMax, unsentBytesMax: .max, idleMax: self.configuration.idleMax)
        let socket = FramedSocket(wire: connected.wire, lane: self.lane, limits: limits, tls: session)
        self.state = .securing(socket)
        socket.begin(owner: self, handshakeMax: nil)
        if session == nil, !socket.isClosed { self.opened() }
    }

    private func opened() {
        guard case .securing(let socket) = self.state else { return }
        self.cancelTimeout()
        self.state = .open(socket)
        for message in self.early { socket.send(message) }
        self.early = []
        self.handler?.connectionOpened(self)
    }

    private func cancelTimeout() {
        if let timeout = self.timeout { self.loop.cancel(timeout) }
        self.timeout = nil
    }

    private func end(_ reason: CloseReason) {
        switch self.state {
        case .closed:
            return
        case .securing(let socket), .open(let socket):
            socket.close(reason)
        case .connecting(let attempt):
            attempt.cancel()
            self.finish(reason)
        case .resolving:
            self.finish(reason)
        }
    }

    /// The node's loops were stopped: nobody is told anything any more.
    func abandon() {
        if case .connecting(let attempt) = self.state { attempt.cancel() }
        self.state = .closed
        self.early = []
        self.handler = nil
    }

    private func finish(_ reason: CloseReason) {
        self.cancelTimeout()
        self.state = .closed
        self.early = []
        self.loop.execute {
            self.lane.forget(self)
            self.handler?.connectionClosed(self, reason: reason)
        }
    }
}

// MARK: The socket's reports

extension OutgoingConnection: FramedSocketOwner {
    var isBusy: Bool { false }

    func socketSecured() { self.opened() }

    func socketReceived(_ frame: ByteSlice) { self.handler?.receive(frame, on: self) }

    func socketSent(tag: UInt64) {}

    func socketAbandoned() { self.abandon() }

    func socketClosed(_ reason: CloseReason) {
        self.lane.forget(self)
        self.cancelTimeout()
        self.state = .closed
        self.early = []
        self.handler?.connectionClosed(self, reason: reason)
    }
}
