import ApusCore
import ClusterMetadata
import Controller
import KafkaProtocol
import KafkaStoredMessages

/// Drives a controller with random requests, failures and crashes, and checks it after every step.
struct RandomHistory {
    var test: TestController
    var random: SeededRandom
    /// The ends of results in the log: where a crash may cut it.
    var ends: [Int]
    /// How much of the log is committed and survives a crash.
    var committed: Int
    var incarnations: [NodeID: UInt64] = [:]
    var crashed: Set<NodeID> = []
    var admitted: Set<NodeID> = []
    var nextTopic = 0
    /// Follows the log as a broker does.
    var follower = MetadataReplay()
    var published = MetadataImage()
    /// The image that the log alone gives.
    var shadow = MetadataImage()

    static let brokers: [NodeID] = [0, 1, 2, 3, 4]

    init(seed: UInt64) throws {
        self.test = try TestController(minInsyncReplicas: 2)
        self.random = SeededRandom(seed: seed)
        self.ends = [self.test.log.count]
        self.committed = self.test.log.count
        self.shadow = try self.test.replay()
    }

    struct Violation: Error, CustomStringConvertible {
        let description: String
    }

    mutating func run(steps: Int) throws {
        for step in 0..<steps {
            let before = self.test.image
            let logged = self.test.log.count
            self.crashed = []
            self.admitted = []
            let action = try self.act()
            if self.test.log.count < logged {
                // A crash: the working state is another, only the state itself can be checked.
                try self.check(step, action, from: nil, records: [])
                continue
            }
            if self.test.log.count > logged { self.ends.append(self.test.log.count) }
            try self.check(step, action, from: before, records: Array(self.test.log[logged...]))
        }
        try self.heal()
    }

    private mutating func check(_ step: Int, _ action: String, from before: MetadataImage?, records: [MetadataRecord])
        throws
    {
        func fail(_ problem: String) -> Violation { Violation(description: "step \(step), \(action): \(problem)") }
        if let problem = PartitionInvariants.violation(in: self.test.image) { throw fail(problem) }
        if let before {
            let problem = PartitionInvariants.violation(
                from: before, to: self.test.image, records: records, crashed: self.crashed,
                admitted: self.admitted, minInsyncReplicas: { self.minInsyncReplicas(of: $0) })
            if let problem { throw fail(problem) }
        }
        for broker in self.crashed where self.test.image.holdsInSync(broker) {
            throw fail("\(broker) lost what it had not flushed, and counts as in sync")
        }
        // After a crash everything is read again, else only what is new.
        let replayed = before == nil ? try self.test.replay() : try self.shadow(records)
        self.shadow = replayed
        if replayed != self.test.image { throw fail("the log replays to another image") }
        var rebuilt = MetadataImage()
        for record in self.test.image.snapshotRecords() {
            try rebuilt.apply(record, at: self.test.image.lastOffset, epoch: self.test.image.lastEpoch)
        }
        if rebuilt != self.test.image { throw fail("the snapshot gives another image") }
    }

    private func shadow(_ records: [MetadataRecord]) throws -> MetadataImage {
        var image = self.shadow
        for (index, record) in records.enumerated() {
            let offset = Offset(Int64(self.test.log.count - records.count + index))
            try image.apply(record, at: offset, epoch: self.test.epoch)
        }
        return image
    }

    private func minInsyncReplicas(of topic: TopicImage) -> Int {
        let configured = self.test.image.dynamicValue(topic: topic.name, key: "min.insync.replicas")
        return min(configured.flatMap { Int($0) } ?? 2, topic.partitions.first?.replicas.count ?? 0)
    }

    /// Everyone comes back: then every partition has a leader.
    private mutating func heal() throws {
        for broker in Self.brokers {
            try self.restart(broker, isClean: false)
            try self.test.heartbeat(broker)
        }
        self.crashed = []
        let leaderless = self.test.image.topics.sortedKeys().compactMap { self.test.image.topic(id: $0) }
            .flatMap { topic in topic.partitions.filter { !$0.hasLeader } }
        guard leaderless.isEmpty else { throw Violation(description: "no leader after all came back: \(leaderless)") }
        try self.check(-1, "heal", from: nil, records: [])
        try self.test.tick(after: .seconds(1))
        if let problem = self.misplacedLeader { throw Violation(description: problem) }
    }

    /// A leader in a drained zone beside a replica in sync that is in none.
    private var misplacedLeader: String? {
        let image = self.test.image
        let drained = Set(image.brokers.values.filter { image.drainedZones.contains($0.rack ?? "") }.map(\.id))
        for id in image.topics.sortedKeys() {
            guard let topic = image.topic(id: id) else { continue }
            for (index, state) in zip(topic.partitionIndexes, topic.partitions) where drained.contains(state.leader) {
                guard drained.isSuperset(of: state.isr) else {
                    return "\(topic.name)-\(index) is led in a drained zone: \(state), drained \(image.drainedZones)"
                }
            }
        }
        return nil
    }

    // MARK: Draws

    mutating func draw(_ range: Range<Int>) -> Int { Int.random(in: range, using: &self.random) }

    mutating func chance(_ percent: Int) -> Bool { self.draw(0..<100) < percent }

    mutating func drawBroker() -> NodeID { Self.brokers[self.draw(0..<Self.brokers.count)] }

    mutating func drawReplicas() -> [NodeID] {
        let shuffled = Self.brokers.shuffled(using: &self.random)
        return Array(shuffled.prefix(self.draw(1..<4)))
    }

    mutating func drawPartition() -> (TopicImage, PartitionIndex, PartitionState)? {
        let ids = self.test.image.topics.sortedKeys()
        guard !ids.isEmpty, let topic = self.test.image.topic(id: ids[self.draw(0..<ids.count)]) else { return nil }
        let index = self.draw(0..<topic.partitions.count)
        return (topic, PartitionIndex(Int32(index)), topic.partitions[index])
    }
}

extension MetadataImage {
    /// True where the broker is in an ISR or ELR.
    fileprivate func holdsInSync(_ broker: NodeID) -> Bool {
        self.topics.sortedKeys().contains { id in
            self.topic(id: id)?.partitions.contains {
                $0.isr.contains(broker) || $0.eligibleLeaders.contains(broker)
            } ?? false
        }
    }
}
