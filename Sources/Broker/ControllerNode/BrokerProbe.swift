import ClusterMetadata
package import EventLoop
import KafkaPrimitives
package import Networking

/// Finds out whether a broker's process still listens, by connecting to its port and hanging up.
package final class BrokerProbe: Sendable {
    private let network: Network
    private let loop: EventLoop
    private let listener: String

    /// - Parameter listener: the listener whose port is tried: the one between brokers.
    package init(network: Network, loop: EventLoop, listener: String) {
        self.network = network
        self.loop = loop
        self.listener = listener
    }

    /// Calls `answered` on the loop with whether nobody listens; not at all where the broker has no address.
    func connect(to broker: BrokerRegistration, answered: @escaping (_ isRefused: Bool) -> Void) {
        self.loop.assertInEventLoop()
        guard let endpoint = broker.endpoint(listener: self.listener) ?? broker.endpoints.first else { return }
        let handler = Attempt(answered: answered)
        OutgoingConnection.connect(
            OutgoingConfiguration(host: endpoint.host, port: endpoint.port), network: self.network, loop: self.loop,
            handler: handler)
    }

    // Unchecked: made and called on one loop.
    private final class Attempt: OutgoingHandler, @unchecked Sendable {
        private let answered: (Bool) -> Void

        init(answered: @escaping (Bool) -> Void) {
            self.answered = answered
        }

        func connectionOpened(_ connection: OutgoingConnection) {
            connection.close(.requested("the broker listens"))
        }

        func receive(_ frame: ByteSlice, on connection: OutgoingConnection) {}

        func connectionClosed(_ connection: OutgoingConnection, reason: CloseReason) {
            self.answered(reason == .connectionRefused)
        }
    }
}
