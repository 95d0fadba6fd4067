import ApusCore
import ClusterMetadata
import Controller
import KafkaProtocol
import KafkaStoredMessages
import StateMachine
import Testing

struct LeaderZonesTests {
    private static let configKey = "apus.leader.zones"

    /// Six brokers, two in each of the zones a, b and c.
    private func cluster(isBalanced: Bool = true) throws -> TestController {
        var test = try TestController {
            $0.idleIntervalMax = .zero
            $0.isLeaderBalancingEnabled = isBalanced
            $0.leaderImbalanceCheckInterval = .seconds(5)
        }
        try test.start([0, 1, 2, 3, 4, 5], racks: ["a", "a", "b", "b", "c", "c"])
        return test
    }

    @Test("A new topic gets its preferred leaders in the first zone it names, even over that zone's brokers")
    func creation() throws {
        var test = try self.cluster()
        let topic = try test.placeTopic(
            "t", partitions: 10, replicationFactor: 3, configs: [(Self.configKey, "b,a")])
        let states = try (0..<10).map { try test.partition(topic, PartitionIndex($0)) }
        #expect(states.map(\.leader) == states.map(\.preferredLeader))
        #expect(states.count { $0.leader == 2 } == 5)
        #expect(states.count { $0.leader == 3 } == 5)
        for state in states {
            #expect(Set(state.replicas.map { test.image.brokers[$0]?.rack }) == ["a", "b", "c"])
        }
        // Partitions that are added later too.
        try test.addPartitions("t", count: 13)
        let added = try (10..<13).map { try test.partition(topic, PartitionIndex($0)).preferredLeader }
        #expect(added.allSatisfy { $0 == 2 || $0 == 3 })
        #expect(Set(added).count == 2)
    }

    @Test("A replica that was assigned by hand leads in the zone that the topic names, whatever its place")
    func assignedByHand() throws {
        var test = try self.cluster()
        let topic = try test.createTopic("t", replicas: [[0, 2, 4]], configs: [(Self.configKey, "c")])
        #expect(try test.leaders(topic) == [4])
    }

    @Test("Naming zones moves leaders at once, and forgetting them moves them back")
    func alteration() throws {
        var test = try self.cluster()
        let topic = try test.createTopic("t", replicas: [[0, 2, 4], [2, 4, 0], [4, 0, 2]])
        let other = try test.createTopic("other", replicas: [[0, 2, 4]])
        try test.setTopic("t", Self.configKey, "c,b")
        #expect(
            try test.tick() == [partitionChange(topic, 0, leader: 4), partitionChange(topic, 1, leader: 4)])
        #expect(try test.leaders(other) == [0])
        try test.setTopic("t", Self.configKey, nil)
        #expect(
            try test.tick() == [partitionChange(topic, 0, leader: 0), partitionChange(topic, 1, leader: 2)])
        #expect(try test.replay() == test.image)
    }

    @Test("The next zone of the list leads while the first has nobody in sync, and gives back to it")
    func fallback() throws {
        var test = try self.cluster()
        let topic = try test.createTopic("t", replicas: [[0, 2, 4]], configs: [(Self.configKey, "b,c")])
        #expect(try test.leaders(topic) == [2])
        try test.heartbeat(2, wantFence: true)
        #expect(try test.leaders(topic) == [4])
        try test.heartbeat(4, wantFence: true)
        #expect(try test.leaders(topic) == [0])
        try test.heartbeat(4)
        try test.joinISR(topic, 4)
        let living: [NodeID] = [0, 1, 3, 4, 5]
        #expect(try test.passTime(.seconds(6), heartbeats: living) == [partitionChange(topic, leader: 4)])
        try test.heartbeat(2)
        try test.joinISR(topic, 2)
        let all = living + [2]
        #expect(try test.passTime(.seconds(6), heartbeats: all) == [partitionChange(topic, leader: 2)])
        #expect(try test.passTime(.seconds(6), heartbeats: all) == [])
    }

    @Test("One pinned partition out of many goes back although the imbalance of its broker is tolerated")
    func tolerance() throws {
        var test = try self.cluster()
        let pinned = try test.createTopic("pinned", replicas: [[0, 2, 4]], configs: [(Self.configKey, "a")])
        try test.createTopic("many", replicas: Array(repeating: [2, 4, 0], count: 20))
        let free = try test.createTopic("free", replicas: [[0, 2, 4]] + Array(repeating: [0, 3, 5], count: 19))
        try test.removeFromISR(pinned, 0)
        try test.removeFromISR(free, 0)
        #expect(try test.leaders(pinned) == [2])
        #expect(try test.partition(free).leader == 2)
        try test.joinISR(pinned, 0)
        try test.joinISR(free, 0)
        // Broker 0 leads 19 of the 21 partitions that prefer it: less than a tenth is missing.
        #expect(try test.tick(after: .seconds(5)) == [partitionChange(pinned, leader: 0)])
    }

    @Test("Without balancing the zones count for the next election")
    func withoutBalancing() throws {
        var test = try self.cluster(isBalanced: false)
        let topic = try test.createTopic("t", replicas: [[0, 2, 4]])
        try test.setTopic("t", Self.configKey, "c")
        #expect(try test.tick(after: .seconds(3)) == [])
        #expect(try test.electPreferred("t", 0) == .noError)
        #expect(try test.leaders(topic) == [4])
    }

    @Test("A drained zone does not lead although the topic names it, and does when it is restored")
    func drained() throws {
        var test = try self.cluster()
        let topic = try test.createTopic("t", replicas: [[4, 0, 2]], configs: [(Self.configKey, "a,b")])
        #expect(try test.leaders(topic) == [0])
        try test.setDefault("apus.zones.drained", "a")
        #expect(try test.tick() == [partitionChange(topic, leader: 2)])
        try test.setDefault("apus.zones.drained", nil)
        #expect(try test.tick() == [partitionChange(topic, leader: 0)])
    }

    @Test("Zones without brokers are passed over")
    func unknownZone() throws {
        var test = try self.cluster()
        let topic = try test.placeTopic(
            "t", partitions: 4, replicationFactor: 2, configs: [(Self.configKey, "nowhere,c")])
        #expect(try test.leaders(topic).allSatisfy { $0 == 4 || $0 == 5 })
    }
}
