package import EventLoop
import Glibc
package import Networking

/// The sockets of one host.
package final class HostSockets: VirtualNetwork, @unchecked Sendable {
    // Unchecked: used by the thread that runs the world only.

    private unowned let host: SimulatedHost
    private unowned let network: SimulatedNetwork

    init(host: SimulatedHost, network: SimulatedNetwork) {
        self.host = host
        self.network = network
    }

    package func listen(host: String, port: UInt16) throws(SystemError) -> any VirtualListener {
        let machine = self.host.machine
        let port = port == 0 ? machine.takePort() : port
        guard machine.listeners[port] == nil else { throw SystemError(number: EADDRINUSE, operation: "bind") }
        guard let address = SocketAddress(host: machine.address, port: port) else {
            throw SystemError(number: EADDRNOTAVAIL, operation: "bind")
        }
        let listener = SimulatedListener(address: address, host: self.host)
        machine.listeners[port] = listener
        return listener
    }

    package func connect(
        host: String, port: UInt16,
        completion: @escaping @Sendable (Result<any VirtualStream, CloseReason>) -> Void
    ) -> any VirtualConnecting {
        self.network.connect(from: self.host, to: host, port: port, completion: completion)
    }
}
