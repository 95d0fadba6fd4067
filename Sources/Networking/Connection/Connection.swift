package import ApusCore
package import EventLoop
package import KafkaPrimitives

/// A client's connection to a listener: requests in, answers out in the order of the requests.
///
/// It lives on one loop. `respond`, `skipResponse`, `close`, `mute` and `unmute` may be called from any thread and hop
/// to the loop where needed; all else only on the loop. Stages: see `ConnectionStage`.
package final class Connection: @unchecked Sendable {
    // Unchecked: what changes is touched on the loop only; the entry points for other threads hop there.

    /// Unique in its network, in order of acceptance.
    package let id: UInt64
    package let listenerName: String
    package let security: SecurityProtocol
    package let peer: SocketAddress
    package let local: SocketAddress
    package let openedAt: Instant
    package let loop: EventLoop
    private let handler: any FrameHandler
    private let authenticator: (any FrameHandler)?
    private let principalName: @Sendable (String) -> String?
    private let budget: ConnectionBudget?
    private let observer: (any ListenerObserver)?
    private let socket: FramedSocket

    /// What the handler knows of the connection. Only on the loop.
    package var userState: (any AnyObject & Sendable)?
    /// Who the peer is: from its certificate, or as authentication found. Only on the loop.
    package private(set) var principal = PeerPrincipal.anonymous
    private var stage: ConnectionStage
    private var order = ResponseOrder<OutgoingMessage>()
    private let pipelineMax: Int
    private let frameBytesMax: Int

    /// A frame before authentication is larger than this only by mistake or malice: Kafka's
    /// `sasl.server.max.receive.size`.
    package static let unauthenticatedFrameBytesMax = 512 * 1024

    init(accepted: AcceptedSocket, lane: Lane, listener: ListenerContext) {
        let configuration = listener.configuration
        self.id = accepted.id
        self.listenerName = configuration.name
        self.security = configuration.security
        self.peer = accepted.peer
        self.local = accepted.local
        self.openedAt = lane.loop.now
        self.loop = lane.loop
        self.handler = listener.handler
        self.authenticator = listener.authenticator
        self.principalName = configuration.principalName
        self.budget = configuration.budget
        self.observer = listener.observer
        self.pipelineMax = configuration.pipelineMax
        self.frameBytesMax = configuration.frameBytesMax
        self.stage = ConnectionStage(
            usesTLS: configuration.security.usesTLS, usesSASL: configuration.security.usesSASL)
        self.socket = FramedSocket(
            wire: accepted.wire, lane: lane,
            limits: FramedSocket.Limits(
                frameBytesMax: configuration.security.usesSASL
                    ? min(Self.unauthenticatedFrameBytesMax, configuration.frameBytesMax) : configuration.frameBytesMax,
                unsentBytesMax: configuration.unsentBytesMax, idleMax: configuration.idleMax),
            tls: accepted.tls)
    }

    /// Begins to serve the peer. Only on the loop, once.
    func begin(handshakeMax: Interval) {
        self.loop.assertInEventLoop()
        self.socket.begin(owner: self, handshakeMax: handshakeMax)
        guard !self.socket.isClosed else { return }
        self.progress(self.stage.begin())
    }

    private func progress(_ effect: ConnectionStage.OnProgress) {
        switch effect {
        case .beginHandshake, .ignore:
            break
        case .beginAuthentication:
            self.authenticator?.connectionOpened(self)
        case .reportOpened:
            self.socket.limits.frameBytesMax = self.frameBytesMax
            self.socket.handshakeEnded()
            self.handler.connectionOpened(self)
        }
    }

    /// Bytes of frames received, without what TLS adds. Only on the loop.
    package var bytesIn: UInt64 { self.socket.bytesIn }

    /// Bytes of frames handed to the kernel, without what TLS adds. Only on the loop.
    package var bytesOut: UInt64 { self.socket.bytesOut }

    /// Requests that wait for their answers. Only on the loop.
    package var outstandingRequests: Int { self.order.outstanding }

    /// Whether the end was reached, or is under way. Only on the loop.
    package var isClosed: Bool { self.socket.isClosed }
}

// MARK: Answers

extension Connection {
    /// Sends the writer's bytes, and its pieces of files, as the answer to the request of `slot`, after the answers to
    /// the requests before it. From any thread. After the end of the connection it does nothing.
    package func respond(_ slot: ResponseSlot, _ writer: consuming ByteWriter) {
        let message = OutgoingMessage(writer, tag: slot.sequence)
        if self.loop.isInEventLoop {
            self.fulfil(slot, with: message)
        } else {
            self.loop.execute { self.fulfil(slot, with: message) }
        }
    }

    /// There is no answer to the request of `slot`, as with `acks=0`. From any thread.
    package func skipResponse(_ slot: ResponseSlot) {
        if self.loop.isInEventLoop {
            self.fulfil(slot, with: nil)
        } else {
            self.loop.execute { self.fulfil(slot, with: nil) }
        }
    }

    /// Closes the connection; answers that are ready leave if the kernel takes them at once. From any thread.
    package func close(_ reason: CloseReason) {
        self.onLoop { $0.socket.close(reason) }
    }

    /// Reads no more, and closes once the answers given so far have left. From any thread.
    package func closeWhenSent(_ reason: CloseReason) {
        self.onLoop { $0.socket.closeWhenSent(reason) }
    }

    /// Reads no further requests until `unmute`: for throttling. From any thread.
    package func mute() {
        self.onLoop { $0.socket.pause(.muted) }
    }

    /// Goes on reading. From any thread.
    package func unmute() {
        self.onLoop { $0.socket.resume(.muted) }
    }

    /// Authentication has found who the peer is: the frames that follow are requests. Only on the loop.
    package func authenticated(as principal: PeerPrincipal) {
        self.loop.assertInEventLoop()
        self.principal = principal
        self.progress(self.stage.authenticated())
    }

    private func onLoop(_ body: @escaping @Sendable (Connection) -> Void) {
        if self.loop.isInEventLoop {
            body(self)
        } else {
            self.loop.execute { body(self) }
        }
    }

    private func fulfil(_ slot: ResponseSlot, with message: OutgoingMessage?) {
        guard !self.socket.isClosed else { return }
        self.order.fulfil(slot, with: message)
        while let next = self.order.next() { self.socket.send(next) }
        if self.order.outstanding <= self.pipelineMax / 2 { self.socket.resume(.pipeline) }
    }
}

// MARK: The socket's reports

extension Connection: FramedSocketOwner {
    var isBusy: Bool { self.order.outstanding > 0 }

    func socketSecured() {
        if let subject = self.socket.tls?.peerName {
            guard let name = self.principalName(subject) else {
                self.socket.close(.authenticationFailed("no rule names the principal of \(subject)"))
                return
            }
            self.principal = PeerPrincipal(name: name)
        }
        self.progress(self.stage.secured())
    }

    func socketReceived(_ frame: ByteSlice) {
        let slot = self.order.open()
        if self.order.outstanding >= self.pipelineMax { self.socket.pause(.pipeline) }
        if self.stage.stage == .authenticating {
            self.authenticator?.receive(frame, slot: slot, on: self)
        } else {
            self.handler.receive(frame, slot: slot, on: self)
        }
    }

    func socketSent(tag: UInt64) {
        self.handler.responseSent(ResponseSlot(sequence: tag), at: self.loop.clock.monotonic, on: self)
    }

    func socketAbandoned() {
        self.order.removeAll()
        self.userState = nil
    }

    func socketClosed(_ reason: CloseReason) {
        self.order.removeAll()
        self.budget?.release(self.peer.host)
        let wasAuthenticating = self.stage.stage == .authenticating
        switch self.stage.close() {
        case .reportClosed:
            self.handler.connectionClosed(self, reason: reason)
        case .reportFailedHandshake:
            if wasAuthenticating { self.authenticator?.connectionClosed(self, reason: reason) }
            self.observer?.handshakeFailed(of: self, reason: reason)
        case .ignore:
            break
        }
    }
}
