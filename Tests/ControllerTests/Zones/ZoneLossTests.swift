import ApusCore
import ClusterMetadata
import Controller
import KafkaStoredMessages
import StateMachine
import Testing

struct ZoneLossTests {
    /// Brokers 0 and 1 in zone a, 2 and 3 in b, 4 and 5 in c; all were heard just now.
    private func cluster() throws -> (TestController, TopicID) {
        var test = try TestController { $0.idleIntervalMax = .zero }
        try test.start([0, 1, 2, 3, 4, 5], racks: ["a", "a", "b", "b", "c", "c"])
        let topic = try test.createTopic("t", replicas: [[0, 2, 4], [1, 4, 2], [2, 5, 1], [4, 0, 3]])
        return (test, topic)
    }

    private func heartbeats(_ test: inout TestController) throws {
        for broker in [2, 3, 4, 5] as [NodeID] { try test.heartbeat(broker) }
    }

    @Test("A zone that falls silent is fenced when its sessions end, not before, and every partition is led elsewhere")
    func silent() throws {
        var (test, topic) = try self.cluster()
        let timeout = test.controller.configuration.sessionTimeout
        for _ in 0..<4 {
            #expect(try test.tick(after: .seconds(2)) == [])
            try self.heartbeats(&test)
        }
        #expect(try test.tick(after: timeout - .seconds(8) - .milliseconds(1)) == [])
        #expect(try test.tick(after: .milliseconds(1)).isEmpty == false)
        #expect(test.image.brokerIDs.filter { !test.image.isActive($0) } == [0, 1])
        #expect(try test.leaders(topic) == [2, 4, 2, 4])
        let states = try (0..<4).map { try test.partition(topic, PartitionIndex($0)) }
        #expect(states.allSatisfy { $0.isr.count >= 2 && !$0.isr.contains(0) && !$0.isr.contains(1) })
    }

    @Test("A zone whose connections break is fenced after the grace, long before its sessions end")
    func disconnected() throws {
        var (test, topic) = try self.cluster()
        test.controller.brokerConnectionLost(0, now: test.now)
        test.controller.brokerConnectionLost(1, now: test.now)
        #expect(try test.tick(after: .milliseconds(199)) == [])
        try test.tick(after: .milliseconds(1))
        #expect(test.image.brokerIDs.filter { !test.image.isActive($0) } == [0, 1])
        #expect(try test.leaders(topic) == [2, 4, 2, 4])
    }

    @Test("A dead zone, whose ports refuse connections, is fenced at once")
    func dead() throws {
        var (test, topic) = try self.cluster()
        test.controller.brokerConnectionRefused(0, now: test.now)
        test.controller.brokerConnectionRefused(1, now: test.now)
        try test.tick(after: .zero)
        #expect(test.image.brokerIDs.filter { !test.image.isActive($0) } == [0, 1])
        #expect(try test.leaders(topic) == [2, 4, 2, 4])
    }

    @Test("A new controller finds a zone that is silent since before it took over within one session")
    func silentSinceBefore() throws {
        var (test, topic) = try self.cluster()
        test.now = test.now + .seconds(30)
        test.controller = Controller(
            configuration: test.controller.configuration, rules: TestRules(), image: try test.replay(),
            random: SeededRandom(seed: 1), now: test.now)
        for _ in 0..<4 {
            try test.tick(after: .seconds(2))
            try self.heartbeats(&test)
        }
        #expect(test.image.isActive(0))
        try test.tick(after: .seconds(1))
        #expect(test.image.brokerIDs.filter { !test.image.isActive($0) } == [0, 1])
        #expect(try test.leaders(topic) == [2, 4, 2, 4])
    }

    @Test("After an uneven restart leaders return to their preferred replicas once they are in sync, and no earlier")
    func unevenRestart() throws {
        var (test, topic) = try self.cluster()
        test.controller.brokerConnectionRefused(0, now: test.now)
        test.controller.brokerConnectionRefused(1, now: test.now)
        try test.tick(after: .zero)
        try test.register(1, incarnation: 2, rack: "a")
        try test.heartbeat(1)
        // The balance is checked while broker 1 is back and in no ISR: nothing moves.
        try test.passTime(.seconds(301), heartbeats: [1, 2, 3, 4, 5])
        #expect(try test.leaders(topic) == [2, 4, 2, 4])
        try test.joinISR(topic, 1, partition: 1)
        try test.passTime(.seconds(301), heartbeats: [1, 2, 3, 4, 5])
        #expect(try test.leaders(topic) == [2, 1, 2, 4])
        #expect(try test.partition(topic, 0).isr == [2, 4])
    }
}
