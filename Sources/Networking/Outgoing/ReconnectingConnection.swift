import ApusCore
package import EventLoop
package import KafkaPrimitives

/// Keeps a connection to one address: whenever it is lost, or cannot be made, the next attempt follows after a wait.
///
/// The handler sees every attempt: `connectionOpened` where it succeeds, and `connectionClosed` with the reason for each
/// end; `CloseReason.connectionRefused` says that the peer's process is not there. What was under way at an end is lost:
/// whether to ask again is the caller's. Only on the loop, but for `start` and `stop`.
package final class ReconnectingConnection: @unchecked Sendable {
    // Unchecked: what changes is touched on the loop only; the entry points for other threads hop there.
    package let loop: EventLoop
    private let configuration: OutgoingConfiguration
    private let network: Network
    private let handler: any OutgoingHandler
    private var backoff: ReconnectBackoff
    private var random: SeededRandom
    private var connection: OutgoingConnection?
    private var retry: TimerID?
    private var isStopped = true

    /// - Parameter seed: spreads the waits; different for every connection of a process.
    package init(
        _ configuration: OutgoingConfiguration, network: Network, loop: EventLoop? = nil,
        backoff: ReconnectBackoff = ReconnectBackoff(), seed: UInt64, handler: any OutgoingHandler
    ) {
        self.configuration = configuration
        self.network = network
        self.loop = loop ?? network.loops.next()
        self.backoff = backoff
        self.random = SeededRandom(seed: seed)
        self.handler = handler
    }

    /// Makes the first attempt. From any thread.
    package func start() {
        self.loop.execute {
            guard self.isStopped else { return }
            self.isStopped = false
            self.attempt()
        }
    }

    /// Closes, and makes no further attempt. From any thread.
    package func stop(_ reason: CloseReason = .shutdown) {
        self.loop.execute {
            self.isStopped = true
            if let retry = self.retry { self.loop.cancel(retry) }
            self.retry = nil
            self.connection?.close(reason)
        }
    }

    /// The connection, while it is open.
    package var open: OutgoingConnection? {
        self.loop.assertInEventLoop()
        return self.connection?.isOpen == true ? self.connection : nil
    }

    private func attempt() {
        self.retry = nil
        guard !self.isStopped else { return }
        self.connection = OutgoingConnection.connect(
            self.configuration, network: self.network, loop: self.loop, handler: self)
    }
}

extension ReconnectingConnection: OutgoingHandler {
    package func connectionOpened(_ connection: OutgoingConnection) {
        self.backoff.connected()
        self.handler.connectionOpened(connection)
    }

    package func receive(_ frame: ByteSlice, on connection: OutgoingConnection) {
        self.handler.receive(frame, on: connection)
    }

    package func connectionClosed(_ connection: OutgoingConnection, reason: CloseReason) {
        self.connection = nil
        self.handler.connectionClosed(connection, reason: reason)
        guard !self.isStopped else { return }
        let wait = self.backoff.failed(using: &self.random)
        self.retry = self.loop.schedule(after: wait) { [weak self] in self?.attempt() }
    }
}
