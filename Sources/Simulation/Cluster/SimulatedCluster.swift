package import ApusCore
import Broker
import Configuration
package import Telemetry

/// A cluster of production nodes in a world.
package final class SimulatedCluster {
    package unowned let world: World
    package let shape: ClusterShape
    package let clusterID: String
    package private(set) var nodes: [SimulatedNode] = []
    /// Limits what faults may do, and knows what they have done.
    package let faultModel: FaultModel
    /// What of the nodes' logs comes into the trace.
    let logLevels: LogLevels

    /// Adds the machines to the world and formats their disks; nothing runs yet.
    package init(_ shape: ClusterShape, in world: World, logLevels: LogLevels = LogLevels(.info)) {
        self.world = world
        self.shape = shape
        self.logLevels = logLevels
        let random = world.random.branch("cluster")
        var generator = random.generator
        self.clusterID = KafkaUUID.random(using: &generator).description
        self.faultModel = FaultModel(shape: shape)
        for node in shape.nodes {
            let machine = world.network.addMachine(node.machineName, zone: node.zone)
            self.nodes.append(
                SimulatedNode(
                    shape: node, cluster: self, machine: machine,
                    random: random.branch("node", UInt64(node.id.rawValue))))
        }
        for node in self.nodes { node.format() }
    }

    package func node(_ id: NodeID) -> SimulatedNode {
        guard let node = self.nodes.first(where: { $0.id == id }) else { preconditionFailure("there is no node \(id)") }
        return node
    }

    /// Starts every node that is stopped.
    package func start() {
        for node in self.nodes where !node.isRunning { node.start() }
    }

    /// Where clients may connect first: addresses of brokers with their port.
    package var bootstrap: [(host: String, port: UInt16)] {
        self.nodes.filter(\.shape.isBroker).map { ($0.machine.address, ClusterShape.clientPort) }
    }

    /// Nodes that run.
    package var running: [SimulatedNode] { self.nodes.filter(\.isRunning) }

    func properties(of node: SimulatedNode) -> [(key: String, value: String)] {
        self.shape.properties(of: node.shape) { self.world.network.machine("node-\($0)").address }
    }

    /// The brokers that serve, as they see it themselves.
    package var serving: [SimulatedNode] {
        self.nodes.filter { $0.shape.isBroker && $0.node?.health.isServing == true }
    }

    /// Whether every node runs, and every broker serves.
    package var isWhole: Bool {
        self.nodes.allSatisfy { $0.node?.health.isServing == true }
    }

    /// Ends everything, so that its memory is given back.
    package func close() {
        for node in self.nodes { node.kill() }
    }
}
