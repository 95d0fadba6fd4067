import CSystem
import Glibc

/// The addresses of one run's nodes: a network of the loopback interface for each run, so that runs at the same time do
/// not meet, and in it two hosts a node, its own and the one that the proxy stands at.
///
/// Node `i` listens on 127.NETWORK.i+1.1 and is reached at 127.NETWORK.i+1.2, both on the same three ports.
package struct LoopbackAddresses: Equatable, Sendable {
    /// The second number of all addresses.
    package var network: Int

    package static let clientPort: UInt16 = 9092
    package static let brokerPort: UInt16 = 9093
    package static let controllerPort: UInt16 = 9094

    package init(network: Int) {
        precondition((1...254).contains(network))
        self.network = network
    }

    /// Where a node listens, and where its connections come from.
    package func host(of node: Int) -> String { "127.\(self.network).\(node + 1).1" }

    /// Where everyone else reaches it.
    package func proxiedHost(of node: Int) -> String { "127.\(self.network).\(node + 1).2" }

    /// What stands in front of the nodes.
    package func routes(_ nodes: [ClusterPlan.Node]) -> [LinkProxy.Route] {
        nodes.flatMap { node in
            var ports: [UInt16] = []
            if node.isBroker { ports += [Self.clientPort, Self.brokerPort] }
            if node.isController { ports.append(Self.controllerPort) }
            return ports.map { port in
                LinkProxy.Route(
                    node: node.id, address: LinkAddress(host: self.proxiedHost(of: node.id), port: port),
                    target: LinkAddress(host: self.host(of: node.id), port: port))
            }
        }
    }

    /// What clients are given.
    package func bootstrapServers(_ nodes: [ClusterPlan.Node]) -> String {
        nodes.filter(\.isBroker).map { "\(self.proxiedHost(of: $0.id)):\(Self.clientPort)" }.joined(separator: ",")
    }
}

/// Keeps a network of the loopback interface for this run.
final class LoopbackReservation {
    let addresses: LoopbackAddresses
    private let socket: Int32

    /// - Throws: `system` where no network is free.
    init() throws(ChaosError) {
        for network in (32...223).shuffled() {
            let lock = LinkAddress(host: "127.\(network).0.1", port: LoopbackAddresses.clientPort)
            let socket = lock.makeSocket()
            guard socket >= 0 else { continue }
            // The address is held by being bound; who else wants it finds it taken.
            if lock.bind(socket) >= 0 {
                self.addresses = LoopbackAddresses(network: network)
                self.socket = socket
                return
            }
            _ = apus_close(socket)
        }
        throw ChaosError(.system, "no network of the loopback interface has port \(LoopbackAddresses.clientPort) free")
    }

    deinit {
        _ = apus_close(self.socket)
    }
}
