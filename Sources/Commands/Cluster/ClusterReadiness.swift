import ApusCore
import KafkaClient
import LocalCluster

/// Waits for what a local cluster needs to be of use: a broker listens a moment before the controller lets it in.
enum ClusterReadiness {
    private static let pause = Duration.milliseconds(20)

    /// Waits until every node accepts connections and is a broker of the cluster.
    static func wait(for cluster: LocalCluster, seconds: Int = 30) throws {
        for node in cluster.nodes where cluster.process(of: node) != nil {
            try cluster.waitUntilListening(node, seconds: Double(seconds))
        }
        let expected = cluster.nodes.filter { cluster.process(of: $0) != nil }.count
        let runtime = try ClientRuntime()
        defer { runtime.stop() }
        let servers = try BootstrapServer.list(cluster.layout.bootstrapServers)
        let client = ClusterClient(ClientConfiguration(bootstrapServers: servers), runtime: runtime)
        defer { client.close() }
        try OneShot.run {
            let admin = Admin(client, timeout: .seconds(Int64(seconds)))
            let deadline = ContinuousClock.now + .seconds(seconds)
            while try await admin.describeCluster().brokers.count < expected {
                guard ContinuousClock.now < deadline else {
                    throw CommandFailure("not all nodes have joined the cluster within \(seconds) s")
                }
                try await Task.sleep(for: Self.pause)
            }
        }
    }
}
