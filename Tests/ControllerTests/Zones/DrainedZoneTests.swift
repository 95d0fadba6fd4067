import ApusCore
import ClusterMetadata
import Controller
import KafkaProtocol
import KafkaStoredMessages
import StateMachine
import Testing

struct DrainedZoneTests {
    private static let configKey = "apus.zones.drained"

    /// Six brokers, two in each of the zones a, b and c.
    private func cluster(isBalanced: Bool = true) throws -> TestController {
        var test = try TestController {
            $0.idleIntervalMax = .zero
            $0.isLeaderBalancingEnabled = isBalanced
        }
        try test.start([0, 1, 2, 3, 4, 5], racks: ["a", "a", "b", "b", "c", "c"])
        return test
    }

    @Test("Leaders leave a drained zone at once, and stay where the rest of the order puts them")
    func drain() throws {
        var test = try self.cluster()
        let topic = try test.createTopic("t", replicas: [[0, 2, 4], [2, 4, 0], [1, 4, 2], [4, 1, 3]])
        #expect(try test.setDefault(Self.configKey, "a") == [config(4, "", Self.configKey, "a")])
        #expect(test.controller.nextDeadline <= test.now)
        #expect(
            try test.tick() == [partitionChange(topic, 0, leader: 2), partitionChange(topic, 2, leader: 4)])
        #expect(test.image.drainedZones == ["a"])
        #expect(try test.replay() == test.image)
    }

    @Test("Leaders come back when the zone is restored")
    func restore() throws {
        var test = try self.cluster()
        let topic = try test.createTopic("t", replicas: [[0, 2, 4], [2, 4, 0], [4, 0, 2]])
        try test.setDefault(Self.configKey, "a")
        try test.tick()
        #expect(try test.leaders(topic) == [2, 2, 4])
        try test.setDefault(Self.configKey, nil)
        #expect(try test.tick() == [partitionChange(topic, 0, leader: 0)])
        // Nothing is drained any more, so nobody looks for leaders in the wrong place.
        #expect(test.controller.nextDeadline > test.now + .seconds(1))
    }

    @Test("Where leaders are not balanced by themselves they leave all the same, and come back when asked")
    func restoreWithoutBalancing() throws {
        var test = try self.cluster(isBalanced: false)
        let topic = try test.createTopic("t", replicas: [[0, 2, 4]])
        try test.setDefault(Self.configKey, "a")
        try test.tick()
        #expect(try test.leaders(topic) == [2])
        try test.setDefault(Self.configKey, nil)
        #expect(try test.tick() == [])
        #expect(try test.electPreferred("t", 0) == .noError)
        #expect(try test.leaders(topic) == [0])
    }

    @Test("Elections avoid a drained zone while another replica in sync is left, and use it when none is")
    func elections() throws {
        var test = try self.cluster()
        try test.setDefault(Self.configKey, "a")
        try test.tick()
        let topic = try test.createTopic("t", replicas: [[2, 0, 4]])
        try test.heartbeat(2, wantFence: true)
        #expect(try test.leaders(topic) == [4])
        try test.heartbeat(4, wantFence: true)
        #expect(try test.leaders(topic) == [0])
        #expect(try test.tick(after: .seconds(1)) == [])
        // Another comes back into the ISR: the leader leaves the zone.
        try test.heartbeat(4)
        let request = try test.alterPartition(topic, isr: [0, 4])
        try test.run { $0.alterPartition(request, context: $1) }
        #expect(try test.leaders(topic) == [0])
        #expect(try test.tick(after: .seconds(1)) == [partitionChange(topic, leader: 4)])
    }

    @Test("New partitions are led outside a drained zone, and keep the leader they are to have after it")
    func newPartitions() throws {
        var test = try self.cluster()
        try test.setDefault(Self.configKey, "a")
        try test.tick()
        let assigned = try test.createTopic("assigned", replicas: [[0, 2, 4]])
        #expect(try test.leaders(assigned) == [2])
        let placed = try test.placeTopic("placed", partitions: 12, replicationFactor: 3)
        let states = try (0..<12).map { try test.partition(placed, PartitionIndex($0)) }
        #expect(states.allSatisfy { test.image.brokers[$0.leader]?.rack != "a" })
        #expect(states.count { test.image.brokers[$0.preferredLeader]?.rack == "a" } == 4)
        try test.setDefault(Self.configKey, "")
        try test.tick()
        #expect(try test.leaders(assigned) == [0])
        #expect(try test.leaders(placed) == states.map(\.preferredLeader))
    }

    @Test("A preferred election does not lead back into a drained zone")
    func preferredElection() throws {
        var test = try self.cluster()
        let topic = try test.createTopic("t", replicas: [[0, 4, 2]])
        try test.setDefault(Self.configKey, "a")
        try test.tick()
        #expect(try test.electPreferred("t", 0) == .electionNotNeeded)
        #expect(try test.leaders(topic) == [4])
        // Nor does the balance, when it is due.
        #expect(try test.tick(after: .seconds(1)) == [])
    }

    @Test("A new controller goes on with a drain that the one before it began")
    func takeOver() throws {
        var test = try self.cluster()
        let topic = try test.createTopic("t", replicas: [[0, 2, 4]])
        try test.setDefault(Self.configKey, "a")
        test.controller = Controller(
            configuration: test.controller.configuration, rules: TestRules(), image: try test.replay(),
            random: SeededRandom(seed: 1), now: test.now)
        #expect(try test.tick() == [partitionChange(topic, leader: 2)])
    }

    @Test("With every zone drained everything is led as if none were")
    func everything() throws {
        var test = try self.cluster()
        let topic = try test.createTopic("t", replicas: [[0, 2, 4]])
        try test.setDefault(Self.configKey, "c,b,a")
        #expect(try test.tick() == [])
        #expect(try test.leaders(topic) == [0])
    }

    @Test("More leaders than one tick moves leave in several")
    func many() throws {
        var test = try self.cluster()
        let topic = try test.createTopic("t", replicas: Array(repeating: [0, 2, 4], count: 2500))
        try test.setDefault(Self.configKey, "a")
        let now = test.now
        let counts = try (0..<3).map { _ in
            try test.run { $0.tick(now: now, appendOffset: $1.appendOffset) }.records.count
        }
        #expect(counts == [1000, 1000, 500])
        #expect(Set(try test.leaders(topic)) == [2])
    }
}
