import ApusCore
import ClusterMetadata
import Controller
import KafkaProtocol
import KafkaStoredMessages
import StateMachine
import Testing

struct FencingTests {
    @Test("A fenced broker leaves every ISR and its partitions get other leaders, as in the log of Kafka 4.3.1")
    func sessionTimeout() throws {
        var test = try TestController { $0.idleIntervalMax = .zero }
        try test.start([0, 1, 2])
        let topic = try test.createTopic("alpha", replicas: [[2, 0, 1], [0, 1, 2], [1, 2, 0]])
        let epoch = try #require(test.image.brokers[2]?.epoch)
        test.now = test.now + .seconds(8)
        try test.heartbeat(0)
        try test.heartbeat(1)
        #expect(try test.tick(after: .milliseconds(999)) == [])
        #expect(
            try test.tick(after: .milliseconds(1)) == [
                partitionChange(topic, 0, isr: [0, 1], leader: 0),
                partitionChange(topic, 1, isr: [0, 1]),
                partitionChange(topic, 2, isr: [1, 0]),
                brokerChange(2, epoch: epoch, fenced: 1),
            ])
        #expect(try test.replay() == test.image)
    }

    @Test("A broker whose connection is lost is fenced after the grace")
    func lostConnection() throws {
        var test = try TestController { $0.idleIntervalMax = .zero }
        try test.start([0])
        let epoch = try #require(test.image.brokers[0]?.epoch)
        test.controller.brokerConnectionLost(0, now: test.now)
        #expect(test.controller.nextDeadline == test.now + .milliseconds(200))
        #expect(try test.tick(after: .milliseconds(199)) == [])
        #expect(try test.tick(after: .milliseconds(1)) == [brokerChange(0, epoch: epoch, fenced: 1)])
    }

    @Test("A heartbeat or a new connection ends the grace")
    func renewedConnection() throws {
        var test = try TestController { $0.idleIntervalMax = .zero }
        try test.start([0])
        test.controller.brokerConnectionLost(0, now: test.now)
        test.controller.brokerConnectionRestored(0)
        #expect(test.controller.nextDeadline == test.now + .seconds(9))
        test.controller.brokerConnectionLost(0, now: test.now)
        try test.heartbeat(0)
        #expect(test.controller.nextDeadline == test.now + .seconds(9))
    }

    @Test("A broker whose port refuses connections is fenced at once")
    func refusedConnection() throws {
        var test = try TestController { $0.idleIntervalMax = .zero }
        try test.start([0])
        let epoch = try #require(test.image.brokers[0]?.epoch)
        test.controller.brokerConnectionLost(0, now: test.now)
        test.controller.brokerConnectionRefused(0, now: test.now)
        #expect(test.controller.nextDeadline == test.now)
        #expect(try test.tick(after: .zero) == [brokerChange(0, epoch: epoch, fenced: 1)])
    }

    @Test("A process that takes the place of a fenced one is registered at once")
    func replacedProcess() throws {
        var test = try TestController { $0.idleIntervalMax = .zero }
        try test.start([0])
        test.controller.brokerConnectionRefused(0, now: test.now)
        _ = try test.tick(after: .zero)
        test.controller.brokerConnectionRestored(0)
        let answer = try test.register(0, incarnation: 2).response
        #expect(answer.errorCode == .noError)
    }

    @Test("A new controller fences a broker that refuses connections at once, a silent one after its session")
    func takeOver() throws {
        var test = try TestController { $0.idleIntervalMax = .zero }
        try test.start([0, 1])
        let epochs = test.image.brokers.mapValues(\.epoch)
        test.now = test.now + .seconds(60)
        test.controller = Controller(
            configuration: test.controller.configuration, rules: TestRules(), image: try test.replay(),
            random: SeededRandom(seed: 1), now: test.now)
        test.controller.brokerConnectionRefused(1, now: test.now)
        #expect(try test.tick(after: .zero) == [brokerChange(1, epoch: epochs[1] ?? -1, fenced: 1)])
        #expect(try test.tick(after: .milliseconds(8999)) == [])
        #expect(try test.tick(after: .milliseconds(1)) == [brokerChange(0, epoch: epochs[0] ?? -1, fenced: 1)])
    }

    /// When a broker that nobody hears is fenced, after a controller took over that heard the last one `silence` ago.
    private func fencingTime(
        silence: Interval, change: (inout ControllerConfiguration) -> Void = { _ in }
    ) throws -> Interval {
        var test = try TestController {
            $0.idleIntervalMax = .zero
            $0.isLeaderBalancingEnabled = false
            change(&$0)
        }
        try test.start([0])
        test.now = test.now + .seconds(100)
        test.controller = Controller(
            configuration: test.controller.configuration, rules: TestRules(), image: try test.replay(),
            random: SeededRandom(seed: 1), leaderHeardAt: test.now - silence, now: test.now)
        let deadline = test.controller.nextDeadline
        let epoch = try #require(test.image.brokers[0]?.epoch)
        let takeOver = test.now
        #expect(try test.tick(after: deadline - takeOver - .milliseconds(1)) == [])
        #expect(try test.tick(after: .milliseconds(1)) == [brokerChange(0, epoch: epoch, fenced: 1)])
        return deadline - takeOver
    }

    @Test("A broker that went silent together with the last controller is fenced when its session is over")
    func silentTogether() throws {
        #expect(try self.fencingTime(silence: .zero) == .milliseconds(9000))
        #expect(try self.fencingTime(silence: .milliseconds(3500)) == .milliseconds(5500))
    }

    @Test("However long there was no controller, a broker has half a session to be heard by the new one")
    func halfSession() throws {
        #expect(try self.fencingTime(silence: .milliseconds(4501)) == .milliseconds(4500))
        #expect(try self.fencingTime(silence: .seconds(60)) == .milliseconds(4500))
    }

    @Test("A broker has the time to find the new controller, but no more than a session")
    func discovery() throws {
        #expect(try self.fencingTime(silence: .seconds(60)) { $0.leaderDiscoveryTime = .seconds(6) } == .seconds(6))
        #expect(try self.fencingTime(silence: .seconds(60)) { $0.sessionTimeout = .seconds(3) } == .seconds(3))
    }

    @Test("A broker that the new controller has heard has a whole session from then on")
    func heardAgain() throws {
        var test = try TestController { $0.idleIntervalMax = .zero }
        try test.start([0])
        test.now = test.now + .seconds(60)
        test.controller = Controller(
            configuration: test.controller.configuration, rules: TestRules(), image: try test.replay(),
            random: SeededRandom(seed: 1), leaderHeardAt: test.now - .seconds(3), now: test.now)
        test.now = test.now + .seconds(1)
        _ = try test.heartbeat(0)
        #expect(test.controller.nextDeadline == test.now + .seconds(9))
    }

    @Test("An idle log gets a no-op record")
    func idle() throws {
        var test = try TestController()
        #expect(try test.tick(after: .milliseconds(499)) == [])
        #expect(try test.tick(after: .milliseconds(1)) == [.noOp(NoOpRecord())])
        #expect(try test.tick(after: .milliseconds(499)) == [])
    }
}
