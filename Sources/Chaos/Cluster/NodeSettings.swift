/// The `server.properties` of a scenario's nodes, for ours and for Apache Kafka alike. Pure.
package struct NodeSettings: Equatable, Sendable {
    package var plan: ClusterPlan
    package var addresses: LoopbackAddresses

    package init(plan: ClusterPlan, addresses: LoopbackAddresses) {
        self.plan = plan
        self.addresses = addresses
    }

    /// The text of one node's file.
    package func properties(of node: ClusterPlan.Node, dataFolder: String) -> String {
        let replicas = min(self.plan.brokers.count, 3)
        let voters = self.plan.controllers.map {
            "\($0.id)@\(self.addresses.proxiedHost(of: $0.id)):\(LoopbackAddresses.controllerPort)"
        }
        var lines = [
            "process.roles=\(node.roles.joined(separator: ","))",
            "node.id=\(node.id)",
            "broker.rack=\(node.zone)",
            "controller.quorum.voters=\(voters.joined(separator: ","))",
            "listeners=\(self.listeners(of: node, host: self.addresses.host(of: node.id)))",
            "advertised.listeners=\(self.listeners(of: node, host: self.addresses.proxiedHost(of: node.id)))",
            "listener.security.protocol.map=PLAINTEXT:PLAINTEXT,INTERNAL:PLAINTEXT,CONTROLLER:PLAINTEXT",
            "controller.listener.names=CONTROLLER",
            "log.dirs=\(dataFolder)",
            "default.replication.factor=\(replicas)",
            "min.insync.replicas=\(max(1, replicas - 1))",
            "offsets.topic.replication.factor=\(replicas)",
            "transaction.state.log.replication.factor=\(replicas)",
            "transaction.state.log.min.isr=\(max(1, replicas - 1))",
        ]
        if node.isBroker { lines.append("inter.broker.listener.name=INTERNAL") }
        lines += self.plan.settings.map { "\($0.name)=\($0.value)" }
        return lines.joined(separator: "\n") + "\n"
    }

    private func listeners(of node: ClusterPlan.Node, host: String) -> String {
        var listeners: [String] = []
        if node.isBroker {
            listeners.append("PLAINTEXT://\(host):\(LoopbackAddresses.clientPort)")
            listeners.append("INTERNAL://\(host):\(LoopbackAddresses.brokerPort)")
        }
        if node.isController { listeners.append("CONTROLLER://\(host):\(LoopbackAddresses.controllerPort)") }
        return listeners.joined(separator: ",")
    }
}

extension ClusterPlan.Node {
    /// As `process.roles` names them.
    package var roles: [String] {
        (self.isBroker ? ["broker"] : []) + (self.isController ? ["controller"] : [])
    }
}
