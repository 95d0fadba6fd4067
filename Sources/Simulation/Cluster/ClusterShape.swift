package import ApusCore

/// One node of a cluster that is to be simulated.
package struct NodeShape: Hashable, Sendable {
    package var id: NodeID
    package var isBroker: Bool
    package var isController: Bool
    package var zone: String
    /// The metadata log has a directory beside the other logs', which survives the loss of theirs.
    package var hasMetadataDirectory: Bool

    package init(
        id: NodeID, isBroker: Bool = true, isController: Bool = true, zone: String, hasMetadataDirectory: Bool = true
    ) {
        self.id = id
        self.isBroker = isBroker
        self.isController = isController
        self.zone = zone
        self.hasMetadataDirectory = hasMetadataDirectory
    }

    /// What its machine is called.
    package var machineName: String { "node-\(self.id)" }
}

/// A cluster that is to be simulated: its nodes, and the properties that all of them get.
package struct ClusterShape: Hashable, Sendable {
    package var nodes: [NodeShape]
    /// Over those that follow from the nodes: keys and values of `server.properties`.
    package var properties: [String: String]
    /// Loops of clients' connections on each node.
    package var dataLoops: Int

    package init(nodes: [NodeShape], properties: [String: String] = [:], dataLoops: Int = 1) {
        precondition(nodes.contains(where: \.isController) && nodes.contains(where: \.isBroker))
        self.nodes = nodes
        self.properties = properties
        self.dataLoops = dataLoops
    }

    /// Nodes that are broker and controller, spread over zones.
    package static func combined(_ count: Int, zones: Int = 3) -> ClusterShape {
        ClusterShape(
            nodes: (0..<count).map { NodeShape(id: NodeID(Int32($0 + 1)), zone: "zone-\($0 % max(1, zones) + 1)") })
    }

    package var controllers: [NodeShape] { self.nodes.filter(\.isController) }
    package var brokers: [NodeShape] { self.nodes.filter(\.isBroker) }
    package var zones: [String] { Set(self.nodes.map(\.zone)).sorted() }

    /// `min.insync.replicas` of topics that say nothing else.
    package var minInsyncReplicas: Int {
        self.properties["min.insync.replicas"].flatMap { Int($0) } ?? max(1, min(3, self.brokers.count) - 1)
    }

    /// Whether every record of topics that say nothing else is flushed before it is acknowledged.
    package var flushesEachRecord: Bool { self.properties["log.flush.interval.messages"] == "1" }

    /// Controllers that have to live for there to be a leader.
    package var quorumSize: Int { self.controllers.count / 2 + 1 }

    package static let clientPort: UInt16 = 9092
    package static let controllerPort: UInt16 = 9093
    static let logDirectory = "/logs"
    static let metadataDirectory = "/metadata"

    /// The properties of a node.
    ///
    /// - Parameter address: the address of each node's machine.
    func properties(of node: NodeShape, address: (NodeID) -> String) -> [(key: String, value: String)] {
        let own = address(node.id)
        let roles = [node.isBroker ? "broker" : nil, node.isController ? "controller" : nil].compactMap(\.self)
        var listeners: [String] = []
        if node.isBroker { listeners.append("PLAINTEXT://\(own):\(Self.clientPort)") }
        if node.isController { listeners.append("CONTROLLER://\(own):\(Self.controllerPort)") }
        let voters = self.controllers.map { "\($0.id)@\(address($0.id)):\(Self.controllerPort)" }
        let replication = min(3, self.brokers.count)
        var values: [String: String] = [
            "node.id": "\(node.id)",
            "process.roles": roles.joined(separator: ","),
            "listeners": listeners.joined(separator: ","),
            "controller.listener.names": "CONTROLLER",
            "controller.quorum.voters": voters.joined(separator: ","),
            "listener.security.protocol.map": "PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT",
            "inter.broker.listener.name": "PLAINTEXT",
            "broker.rack": node.zone,
            "log.dirs": Self.logDirectory,
            "default.replication.factor": "\(replication)",
            "min.insync.replicas": "\(max(1, replication - 1))",
            "auto.create.topics.enable": "false",
        ]
        if node.isBroker { values["advertised.listeners"] = "PLAINTEXT://\(own):\(Self.clientPort)" }
        if node.hasMetadataDirectory { values["metadata.log.dir"] = Self.metadataDirectory }
        for (key, value) in self.properties { values[key] = value }
        return values.sorted { $0.key < $1.key }
    }
}
