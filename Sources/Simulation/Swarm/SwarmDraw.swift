package import ApusCore

/// What a seed makes of a world besides its faults: the cluster's size and roles, its zones, its configuration, and the
/// network's and the disks' habits. Every seed picks its own.
package struct SwarmDraw: Hashable, Sendable {
    package var shape: ClusterShape
    package var window: Int
    package var splitOneOf: UInt64
    package var patience: Interval
    package var nearLatency: Interval
    package var farLatency: Interval
    package var misdirectsWrites: Bool
    package var diskDelayMax: Int64

    package init(_ tree: RandomTree) {
        var random = tree.generator
        self.shape = Self.shape(&random)
        self.window = Self.pick([4096, 65_536, 262_144, 1_048_576], &random)
        self.splitOneOf = Self.pick([0, 4, 16, 64], &random)
        self.patience = .seconds(Self.pick([3, 8, 20], &random))
        self.nearLatency = .microseconds(Self.pick([20, 50, 200], &random))
        self.farLatency = .microseconds(Self.pick([200, 500, 2000, 20_000], &random))
        self.misdirectsWrites = Bool.random(using: &random)
        self.diskDelayMax = Self.pick([50_000, 200_000, 2_000_000, 20_000_000], &random)
    }

    /// Makes a world's network as it was drawn. Before any machine is added.
    package func prepare(_ world: World) {
        let network = world.network
        network.window = self.window
        network.splitOneOf = self.splitOneOf
        network.patience = self.patience
        network.nearLink = LinkConditions(latency: self.nearLatency, jitter: self.nearLatency)
        network.farLink = LinkConditions(latency: self.farLatency, jitter: self.farLatency)
    }

    /// Adds the cluster to a world that was prepared.
    package func makeCluster(in world: World) -> SimulatedCluster {
        let cluster = SimulatedCluster(self.shape, in: world)
        cluster.faultModel.misdirectsWrites = self.misdirectsWrites
        for node in cluster.nodes { node.machine.diskDelays = 10_000...self.diskDelayMax }
        return cluster
    }

    private static func pick<Value>(_ values: [Value], _ random: inout SeededRandom) -> Value {
        values[Int.random(in: values.indices, using: &random)]
    }

    private static func shape(_ random: inout SeededRandom) -> ClusterShape {
        // Three combined nodes are what most clusters are.
        let (combined, controllers, brokers) = Self.pick(
            [
                (3, 0, 0), (3, 0, 0), (3, 0, 0), (1, 0, 0), (4, 0, 0), (5, 0, 0), (0, 3, 3), (0, 1, 2), (1, 2, 2),
                (3, 0, 2),
            ],
            &random)
        let zones = Self.pick([1, 2, 3, 3], &random)
        let hasMetadataDirectory = Int.random(in: 0..<4, using: &random) > 0
        var nodes: [NodeShape] = []
        for number in 0..<(combined + controllers + brokers) {
            nodes.append(
                NodeShape(
                    id: NodeID(Int32(number + 1)), isBroker: !(combined..<combined + controllers).contains(number),
                    isController: number < combined + controllers, zone: "zone-\(number % zones + 1)",
                    hasMetadataDirectory: hasMetadataDirectory))
        }
        let dataLoops = Self.pick([1, 1, 2, 3], &random)
        return ClusterShape(
            nodes: nodes, properties: Self.properties(combined + brokers, &random), dataLoops: dataLoops)
    }

    /// Values that a production cluster could have; those left out have their defaults.
    private static func properties(_ brokers: Int, _ random: inout SeededRandom) -> [String: String] {
        let replication = min(3, brokers)
        let choices: [(String, [String])] = [
            ("min.insync.replicas", (1...replication).map { "\($0)" } + ["\(max(1, replication - 1))"]),
            ("log.flush.interval.messages", ["1"]),
            ("replica.lag.time.max.ms", ["1000", "3000", "10000"]),
            ("controller.quorum.election.timeout.ms", ["200", "500", "2000"]),
            ("controller.quorum.fetch.timeout.ms", ["500", "1000", "4000"]),
            ("broker.session.timeout.ms", ["2000", "4000"]),
            ("broker.heartbeat.interval.ms", ["200", "500"]),
            ("apus.broker.disconnect.fencing.ms", ["0", "50", "1000"]),
            ("metadata.log.max.record.bytes.between.snapshots", ["1000", "5000"]),
            ("replica.high.watermark.checkpoint.interval.ms", ["100", "1000"]),
            ("num.replica.fetchers", ["2", "4"]),
            ("replica.fetch.max.bytes", ["1500", "20000"]),
            ("replica.fetch.wait.max.ms", ["50", "200"]),
            ("log.index.interval.bytes", ["100"]),
            ("leader.imbalance.check.interval.seconds", ["1", "5"]),
            ("request.timeout.ms", ["3000"]),
        ]
        var properties: [String: String] = [:]
        for (key, values) in choices where Bool.random(using: &random) {
            properties[key] = Self.pick(values, &random)
        }
        return properties
    }
}
