import ApusCore
import Simulation
import Testing

@Suite struct FaultInjectorTests {
    private func serving(_ seed: UInt64, _ shape: ClusterShape = .combined(3)) -> (World, SimulatedCluster, TestClient)
    {
        let world = World(seed: seed)
        let cluster = SimulatedCluster(shape, in: world)
        cluster.start()
        let client = TestClient(cluster)
        #expect(world.run(atMost: .seconds(30)) { cluster.isWhole })
        #expect(client.createTopic("numbers", partitions: 1, replicas: 3) == .noError)
        return (world, cluster, client)
    }

    /// Writes while the steps strike, heals, and expects every acknowledged record where it was stored.
    private func survive(_ seed: UInt64, _ faults: [Fault], on shape: ClusterShape = .combined(3), lasting: Interval) {
        let (world, cluster, client) = self.serving(seed, shape)
        client.write(1_000_000, to: "numbers")
        client.startReading("numbers")
        let steps = faults.enumerated().map { index, fault in
            FaultStep(time: .milliseconds(Int64(index * 400 + 100)), fault: fault, lasting: lasting)
        }
        let injector = FaultInjector(FaultPlan(steps: steps), cluster: cluster)
        injector.begin()
        world.run(for: .milliseconds(Int64(faults.count * 400 + 1000)))
        client.stopWriting()
        injector.heal()
        let isAtRest = world.run(atMost: .seconds(120)) { cluster.hasConverged && client.isIdle }
        let lines = world.trace.last.filter { $0.text != nil }.suffix(60).map(\.line)
        #expect(isAtRest, "\(lines.joined(separator: "\n"))")
        #expect(injector.counts.values.reduce(0, +) == faults.count)
        self.expectAllIsRead(by: client, world)
        client.close()
        cluster.close()
    }

    /// A client that reads finds every record that it was told is stored, at the offset it was told.
    private func expectAllIsRead(by client: TestClient, _ world: World) {
        let end = client.acknowledged.values.max() ?? -1
        #expect(world.run(atMost: .seconds(30)) { client.readEnd > end })
        #expect(client.acknowledged.count > 10)
        for (number, offset) in client.acknowledged where offset >= 0 {
            #expect(client.readByOffset[offset] == "record \(number)")
        }
    }

    @Test func `nothing acknowledged is lost where processes die, also within a write`() {
        self.survive(
            1,
            [
                .kill(1), .killWithinWrite(2, operations: 10), .killWithinWrite(3, operations: 3), .pause(1),
                .shutDown(2), .killAll,
            ], lasting: .milliseconds(300))
    }

    @Test func `nothing acknowledged is lost where the bits of a node turn, and its disk is replaced`() {
        let (world, cluster, client) = self.serving(11)
        client.write(1_000_000, to: "numbers")
        world.run(for: .milliseconds(500))
        let step = FaultStep(time: .zero, fault: .rot(2), lasting: .milliseconds(400))
        let injector = FaultInjector(FaultPlan(steps: [step]), cluster: cluster)
        injector.begin()
        world.run(for: .milliseconds(200))
        #expect(cluster.node(2).isRotten && cluster.faultModel.damaged == [2])
        world.run(for: .milliseconds(500))
        #expect(!cluster.node(2).isRotten)
        client.stopWriting()
        injector.heal()
        #expect(world.run(atMost: .seconds(120)) { cluster.hasConverged && client.isIdle })
        client.startReading("numbers")
        self.expectAllIsRead(by: client, world)
        client.close()
        cluster.close()
    }

    @Test func `nothing acknowledged is lost, and nothing wrong is read, where reads return bits that turned`() {
        let (world, cluster, client) = self.serving(12)
        client.write(1_000_000, to: "numbers")
        var steps = cluster.nodes.map {
            FaultStep(time: .zero, fault: .flipReads($0.id, interval: 1), lasting: .milliseconds(3000))
        }
        // Who comes back reads all of its logs.
        steps.append(FaultStep(time: .milliseconds(300), fault: .killAll, lasting: .milliseconds(200)))
        let injector = FaultInjector(FaultPlan(steps: steps), cluster: cluster)
        injector.begin()
        world.run(for: .seconds(2))
        #expect(cluster.nodes.allSatisfy { $0.flippedReads > 0 })
        client.stopWriting()
        injector.heal()
        #expect(world.run(atMost: .seconds(120)) { cluster.hasConverged && client.isIdle })
        client.startReading("numbers")
        self.expectAllIsRead(by: client, world)
        client.close()
        cluster.close()
    }

    @Test func `nothing acknowledged is lost where one machine after the other loses its power`() {
        self.survive(2, [.losePower(1), .losePowerWithinWrite(1, operations: 20)], lasting: .milliseconds(300))
    }

    @Test func `nothing acknowledged is lost where all lose their power and each record is flushed`() {
        var shape = ClusterShape.combined(3)
        shape.properties["log.flush.interval.messages"] = "1"
        self.survive(
            3, [.losePowerEverywhere, .losePower(2), .losePowerEverywhere], on: shape, lasting: .milliseconds(200))
    }

    @Test func `nothing acknowledged is lost where the network is cut, slow or breaks`() {
        self.survive(
            4,
            [
                .cut(1, 2), .cutOneWay(2, 3), .isolate(1), .deafen(2), .silence(3), .cutZone("zone-1"),
                .slowLinks(1, .milliseconds(50)), .breakConnections(1, .lost), .breakConnections(2, .late),
                .breakConnections(3, .stalled),
            ], lasting: .milliseconds(700))
    }

    @Test func `nothing acknowledged is lost where machines are slow, their clocks jump, or a disk is new`() {
        self.survive(
            5,
            [
                .slowDisk(1, factor: 100), .slowProcessor(2, factor: 100), .jumpClock(3, milliseconds: -3_600_000),
                .reconfigure(1, key: "num.replica.fetchers", value: "2"), .replaceDisk(2),
            ], lasting: .milliseconds(500))
    }

    @Test func `what is slowed down twice is as slow as the worse, until the last ends`() {
        let (world, cluster, client) = self.serving(7)
        func steps(_ fault: (Int64) -> Fault, from start: Int64) -> [FaultStep] {
            [
                FaultStep(time: .milliseconds(start), fault: fault(4), lasting: .milliseconds(400)),
                FaultStep(time: .milliseconds(start + 200), fault: fault(2), lasting: .milliseconds(600)),
            ]
        }
        let plan = FaultPlan(
            steps: steps({ .slowDisk(1, factor: $0) }, from: 0) + steps({ .slowProcessor(1, factor: $0) }, from: 0))
        let injector = FaultInjector(plan, cluster: cluster)
        injector.begin()
        let machine = cluster.node(1).machine
        var factors: [[Int64]] = []
        for time: Int64 in [100, 350, 600, 850] {
            world.schedule(after: .milliseconds(time), .check, label: "a look") {
                factors.append([machine.diskSlowdowns.factor, machine.processorSlowdowns.factor])
            }
        }
        world.run(for: .seconds(1))
        #expect(factors == [[4, 4], [4, 4], [2, 2], [1, 1]])
        #expect(injector.counts == ["slowDisk": 2, "slowProcessor": 2])
        client.close()
        cluster.close()
    }

    @Test func `a second copy may not be lost before the first is there again`() {
        let (world, cluster, client) = self.serving(6)
        let plan = FaultPlan(steps: [
            FaultStep(time: .milliseconds(10), fault: .losePower(1), lasting: .seconds(5)),
            FaultStep(time: .milliseconds(100), fault: .losePower(2), lasting: .seconds(1)),
        ])
        let injector = FaultInjector(plan, cluster: cluster)
        injector.begin()
        world.run(for: .seconds(1))
        #expect(injector.counts == ["losePower": 1])
        #expect(cluster.faultModel.damaged == [1])
        #expect(world.run(atMost: .seconds(60)) { cluster.faultModel.damaged.isEmpty })
        #expect(cluster.hasCaughtUp(1))
        client.close()
        cluster.close()
    }

    @Test func `a plan follows from its seed, and fewer steps make a smaller plan`() {
        let shape = ClusterShape.combined(3)
        let plan = FaultPlan.draw(RandomTree(seed: 9), shape: shape, duration: .seconds(60))
        #expect(plan == FaultPlan.draw(RandomTree(seed: 9), shape: shape, duration: .seconds(60)))
        #expect(plan != FaultPlan.draw(RandomTree(seed: 10), shape: shape, duration: .seconds(60)))
        #expect(plan.steps == plan.steps.sorted { $0.time < $1.time })
        #expect(plan.steps.allSatisfy { $0.time < .seconds(60) })
    }
}
