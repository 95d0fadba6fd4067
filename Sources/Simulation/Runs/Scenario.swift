package import ApusCore
import ClusterMetadata
import KafkaClient

/// What one seed makes of a world: the cluster, its topics, its clients, and what breaks. All of it is data, so a smaller
/// scenario is made by taking things away.
///
/// Each seed has a mix of its own (swarm testing): what all worlds have no world explores deeply.
package struct Scenario: Sendable {
    package let seed: UInt64
    package var shape: ClusterShape
    package var habits: WorldHabits
    package var topics: [StageTopic]
    package var writers: Int
    /// The mean pause of a writer.
    package var writerPause: Interval
    /// Writers die and come back about so often; nil for never.
    package var writerRestartPause: Interval?
    package var readers: Int
    /// More of them, who read in their own zone where a replica is there.
    package var nearbyReaders = 0
    /// The mean pause of the administrator; nil where there is none.
    package var adminPause: Interval?
    /// The mean pause of the operator who changes what zones lead; nil where there is none.
    package var zonePause: Interval?
    /// What breaks while the clients work.
    package var plan: FaultPlan
    /// Nodes that stay dead when the rest is healed: a majority of the controllers is not among them.
    package var dead: Set<NodeID>
    /// Events after the cluster serves and before it is healed.
    package var events: UInt64
    /// Virtual time of the same, at most.
    package var durationMax = Interval.seconds(300)

    package static let eventsDefault: UInt64 = 20_000

    package init(seed: UInt64, events: UInt64 = Self.eventsDefault) {
        self.seed = seed
        self.events = events
        var random = RandomTree(seed: seed).branch("scenario").generator
        self.shape = Self.shape(&random)
        self.habits = WorldHabits(RandomTree(seed: seed).branch("habits"))
        self.topics = []
        self.dead = []
        self.plan = FaultPlan.draw(
            RandomTree(seed: seed).branch("plan"), shape: self.shape, duration: self.durationMax)
        self.plan.addRot(RandomTree(seed: seed).branch("rot"), shape: self.shape, duration: self.durationMax)
        self.plan.addFlippedReads(
            RandomTree(seed: seed).branch("flipped reads"), shape: self.shape, duration: self.durationMax)
        // Writers make many events in little time: in most worlds much has to break in that.
        let haste = [1, 2, 4, 8, 16][Int.random(in: 0..<5, using: &random)]
        for place in self.plan.steps.indices {
            self.plan.steps[place].time = Interval(
                nanoseconds: self.plan.steps[place].time.nanoseconds / Int64(haste))
        }
        self.plan.addSequences(
            RandomTree(seed: seed).branch("sequences"), shape: self.shape, duration: self.durationMax)
        self.writers = Int.random(in: 1...4, using: &random)
        self.writerPause = .microseconds([1_000, 5_000, 20_000, 100_000][Int.random(in: 0..<4, using: &random)])
        self.writerRestartPause = Int.random(in: 0..<3, using: &random) == 0 ? .milliseconds(2000) : nil
        self.readers = Int.random(in: 0...3, using: &random)
        self.adminPause =
            Bool.random(using: &random) ? .milliseconds(Int64.random(in: 20...1000, using: &random)) : nil
        self.topics = self.topics(&random)
        self.dead = self.dead(&random)
        self.drawZones(RandomTree(seed: seed).branch("zones"))
    }

    // MARK: - The cluster

    private static func shape(_ random: inout SeededRandom) -> ClusterShape {
        let zones = Int.random(in: 1...3, using: &random)
        var shape: ClusterShape
        switch Int.random(in: 0..<20, using: &random) {
        case 0: shape = .combined(1, zones: 1)
        case 1: shape = .combined(2, zones: zones)
        case 2..<10: shape = .combined(3, zones: zones)
        case 10, 11: shape = .combined(4, zones: zones)
        case 12, 13: shape = .combined(5, zones: zones)
        case 14: shape = .combined(Int.random(in: 6...7, using: &random), zones: zones)
        case 15, 16: shape = Self.split(controllers: 1, brokers: Int.random(in: 2...4, using: &random), zones: zones)
        default: shape = Self.split(controllers: 3, brokers: Int.random(in: 1...4, using: &random), zones: zones)
        }
        for index in shape.nodes.indices where Int.random(in: 0..<4, using: &random) == 0 {
            shape.nodes[index].hasMetadataDirectory = false
        }
        shape.dataLoops = Int.random(in: 1...2, using: &random)
        for (key, values) in Self.settings {
            // Most worlds have most settings as they are.
            if Int.random(in: 0..<3, using: &random) > 0 { continue }
            shape.properties[key] = values[Int.random(in: 0..<values.count, using: &random)]
        }
        Self.keepSessions(&shape)
        let replication = min(3, shape.brokers.count)
        if Int.random(in: 0..<4, using: &random) == 0 {
            shape.properties["min.insync.replicas"] = "\(Int.random(in: 1...replication, using: &random))"
        }
        return shape
    }

    /// A broker whose heartbeats come less often than its session lasts is fenced again and again: no configuration of a
    /// cluster that should come to rest.
    private static func keepSessions(_ shape: inout ClusterShape) {
        guard let session = shape.properties["broker.session.timeout.ms"].flatMap({ Int($0) }),
            shape.properties["broker.heartbeat.interval.ms"] == nil
        else { return }
        shape.properties["broker.heartbeat.interval.ms"] = "\(min(Self.usualHeartbeatInterval, session / 2))"
    }

    /// `broker.heartbeat.interval.ms` of who says nothing.
    private static let usualHeartbeatInterval = 2000

    private static func split(controllers: Int, brokers: Int, zones: Int) -> ClusterShape {
        ClusterShape(
            nodes: (0..<controllers + brokers).map { index in
                NodeShape(
                    id: NodeID(Int32(index + 1)), isBroker: index >= controllers, isController: index < controllers,
                    zone: "zone-\(index % zones + 1)")
            })
    }

    private static let settings: [(key: String, values: [String])] = [
        ("broker.session.timeout.ms", ["1000", "3000", "6000"]),
        ("broker.heartbeat.interval.ms", ["100", "500"]),
        ("replica.lag.time.max.ms", ["500", "3000", "10000"]),
        ("replica.fetch.wait.max.ms", ["20", "100"]),
        ("replica.fetch.max.bytes", ["1000", "20000"]),
        ("controller.quorum.election.timeout.ms", ["200", "1000"]),
        ("controller.quorum.fetch.timeout.ms", ["300", "2000"]),
        ("controller.quorum.election.backoff.max.ms", ["50", "1000"]),
        ("metadata.log.max.record.bytes.between.snapshots", ["500", "5000"]),
        ("internal.metadata.log.segment.bytes", ["1000", "20000"]),
        ("log.index.interval.bytes", ["64", "1024"]),
        ("log.flush.interval.messages", ["1", "1", "50"]),
        ("leader.imbalance.check.interval.seconds", ["1", "5"]),
        ("max.incremental.fetch.session.cache.slots", ["0", "1"]),
    ]

    /// One seed in four leaves some nodes dead.
    private func dead(_ random: inout SeededRandom) -> Set<NodeID> {
        guard Int.random(in: 0..<4, using: &random) == 0 else { return [] }
        var dead: Set<NodeID> = []
        for node in self.shape.nodes.shuffled(using: &random) where Bool.random(using: &random) {
            let controllers = self.shape.controllers.filter { !dead.contains($0.id) && $0.id != node.id }
            let brokers = self.shape.brokers.filter { !dead.contains($0.id) && $0.id != node.id }
            if controllers.count >= self.shape.quorumSize, !brokers.isEmpty { dead.insert(node.id) }
        }
        return dead
    }

    /// In half of the worlds of several zones it matters which of them lead, and readers are sent to their own.
    private mutating func drawZones(_ tree: RandomTree) {
        var random = tree.generator
        guard self.shape.zones.count > 1, Bool.random(using: &random) else { return }
        if Bool.random(using: &random) {
            self.shape.properties["replica.selector.class"] = Self.rackAwareSelector
            self.nearbyReaders = Int.random(in: 1...3, using: &random)
        }
        self.zonePause =
            Bool.random(using: &random) ? .milliseconds(Int64.random(in: 50...3000, using: &random)) : nil
        for index in self.topics.indices where Int.random(in: 0..<3, using: &random) == 0 {
            self.topics[index].settings[ZoneConfigKey.leaders] = ZoneWorkload.list(of: self.shape.zones, &random)
        }
        // Who comes back into the ISR leads again when the balance is looked at: before the world is judged.
        let interval = ["1", "5"][Int.random(in: 0..<2, using: &random)]
        let key = "leader.imbalance.check.interval.seconds"
        self.shape.properties[key] = self.shape.properties[key] ?? interval
    }

    private static let rackAwareSelector = "org.apache.kafka.common.replica.RackAwareReplicaSelector"

    // MARK: - The topics

    private func topics(_ random: inout SeededRandom) -> [StageTopic] {
        let brokers = self.shape.brokers.count
        let replication = min(3, brokers)
        let minInsync = self.shape.minInsyncReplicas
        let disciplines: [StageTopic.Discipline] = [
            .idempotent, .idempotent, .idempotent, .plain(.all), .plain(.leader), .plain(.none),
        ]
        return (0..<Int.random(in: 1...3, using: &random)).map { index in
            var settings: [String: String] = [:]
            if Int.random(in: 0..<4, using: &random) == 0 { settings["flush.messages"] = "1" }
            if Int.random(in: 0..<4, using: &random) == 0 { settings["internal.segment.bytes"] = "3000" }
            if Int.random(in: 0..<16, using: &random) == 0 { settings["unclean.leader.election.enable"] = "true" }
            return StageTopic(
                name: "topic-\(index + 1)", partitionCount: Int32.random(in: 1...4, using: &random),
                replicationFactor: Int16(
                    Int.random(in: max(1, minInsync)...max(minInsync, replication), using: &random)),
                settings: settings,
                discipline: index == 0 ? .idempotent : disciplines[Int.random(in: 0..<6, using: &random)])
        }
    }
}
