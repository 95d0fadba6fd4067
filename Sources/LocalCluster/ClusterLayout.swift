/// The shape of a local cluster of combined nodes in zones: ports, folders and configuration.
///
/// Node `i` serves clients on `firstPort + i`, the quorum on `firstPort + 100 + i` and other brokers on
/// `firstPort + 200 + i`.
package struct ClusterLayout: Equatable, Sendable {
    /// How many nodes there are, 1 to 99.
    package var nodeCount: Int
    package var firstPort: Int
    /// The cluster's id: 22 characters of base64.
    package var clusterID: String
    /// Lines added to every node's configuration, where the last of two equal keys counts.
    package var extraProperties: [String]
    /// How many zones the nodes are in, in turn: 1 to as many as there are nodes.
    package var zoneCount: Int

    /// - Parameter zoneCount: a zone for each node where it is nil.
    package init(
        nodeCount: Int, firstPort: Int, clusterID: String, extraProperties: [String] = [], zoneCount: Int? = nil
    ) {
        precondition((1...99).contains(nodeCount) && (1...65_000).contains(firstPort))
        self.zoneCount = zoneCount ?? nodeCount
        precondition((1...nodeCount).contains(self.zoneCount))
        self.nodeCount = nodeCount
        self.firstPort = firstPort
        self.clusterID = clusterID
        self.extraProperties = extraProperties
    }

    package static let host = "127.0.0.1"

    /// The name of the zone that a node is in.
    package func zone(of node: Int) -> String { "zone-\(node % self.zoneCount)" }

    /// The names of all zones.
    package var zones: [String] { (0..<self.zoneCount).map { self.zone(of: $0) } }

    package func clientPort(of node: Int) -> Int { self.firstPort + node }

    package func controllerPort(of node: Int) -> Int { self.firstPort + 100 + node }

    package func brokerPort(of node: Int) -> Int { self.firstPort + 200 + node }

    /// What a client is given as `bootstrap.servers`.
    package var bootstrapServers: String {
        (0..<self.nodeCount).map { "\(Self.host):\(self.clientPort(of: $0))" }.joined(separator: ",")
    }

    /// The text of a node's `server.properties`.
    package func properties(of node: Int, dataFolder: String) -> String {
        let voters = (0..<self.nodeCount).map { "\($0)@\(Self.host):\(self.controllerPort(of: $0))" }
        let replicas = min(self.nodeCount, 3)
        let client = "PLAINTEXT://\(Self.host):\(self.clientPort(of: node))"
        let internalListener = "INTERNAL://\(Self.host):\(self.brokerPort(of: node))"
        let lines = [
            "process.roles=broker,controller",
            "node.id=\(node)",
            "broker.rack=\(self.zone(of: node))",
            "controller.quorum.voters=\(voters.joined(separator: ","))",
            "listeners=\(client),\(internalListener),CONTROLLER://\(Self.host):\(self.controllerPort(of: node))",
            "advertised.listeners=\(client),\(internalListener)",
            "listener.security.protocol.map=PLAINTEXT:PLAINTEXT,INTERNAL:PLAINTEXT,CONTROLLER:PLAINTEXT",
            "controller.listener.names=CONTROLLER",
            "inter.broker.listener.name=INTERNAL",
            "log.dirs=\(dataFolder)",
            "default.replication.factor=\(replicas)",
            "min.insync.replicas=\(max(1, replicas - 1))",
            "offsets.topic.replication.factor=\(replicas)",
            "transaction.state.log.replication.factor=\(replicas)",
            "transaction.state.log.min.isr=\(max(1, replicas - 1))",
        ]
        return (lines + self.extraProperties).joined(separator: "\n") + "\n"
    }
}
