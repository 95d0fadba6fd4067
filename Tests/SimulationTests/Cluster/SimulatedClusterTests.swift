import ApusCore
import Broker
import ClusterMetadata
import FileSystem
import SimulatedStorage
import Simulation
import Testing

@Suite struct SimulatedClusterTests {
    private func last(_ world: World) -> Comment {
        "\(world.trace.last.suffix(60).map(\.line).joined(separator: "\n"))"
    }

    @Test func `three nodes elect a controller, register and serve`() throws {
        let world = World(seed: 1)
        let cluster = SimulatedCluster(.combined(3), in: world)
        cluster.start()
        let whole = world.run(atMost: .seconds(30)) { cluster.isWhole }
        #expect(whole, self.last(world))
        cluster.close()
    }

    @Test func `separate controllers and brokers serve, too`() throws {
        let world = World(seed: 2)
        let nodes = (1...6).map { number in
            NodeShape(
                id: NodeID(Int32(number)), isBroker: number > 3, isController: number <= 3,
                zone: "zone-\((number - 1) % 3 + 1)")
        }
        let cluster = SimulatedCluster(ClusterShape(nodes: nodes), in: world)
        cluster.start()
        #expect(world.run(atMost: .seconds(30)) { cluster.isWhole }, self.last(world))
        cluster.close()
    }

    /// Writes while each node is killed and started again, and reads everything.
    private func rollingKills(seed: UInt64, count: Int) -> (world: World, read: [String], failed: Int) {
        let world = World(seed: seed)
        let cluster = SimulatedCluster(.combined(3), in: world)
        cluster.start()
        #expect(world.run(atMost: .seconds(30)) { cluster.isWhole }, self.last(world))
        let client = TestClient(cluster)
        #expect(client.createTopic("numbers", partitions: 1, replicas: 3) == .noError, self.last(world))
        client.write(count, to: "numbers")
        client.startReading("numbers")
        for node in cluster.nodes {
            world.run(for: .milliseconds(100))
            node.kill()
            world.run(for: .seconds(2))
            node.start()
            #expect(world.run(atMost: .seconds(30)) { cluster.isWhole }, self.last(world))
            world.run(for: .seconds(2))
        }
        #expect(world.run(atMost: .seconds(60)) { client.isIdle && client.read.count >= count }, self.last(world))
        let result = (world, client.read, client.failed.count)
        client.close()
        cluster.close()
        return result
    }

    @Test func `what is written while every node is killed in turn is read once and in order`() throws {
        let run = self.rollingKills(seed: 3, count: 2000)
        #expect(run.failed == 0)
        #expect(run.read == (0..<2000).map { "record \($0)" })
    }

    @Test func `the same seed gives the same trace, another seed another`() throws {
        let one = self.rollingKills(seed: 4, count: 200)
        let two = self.rollingKills(seed: 4, count: 200)
        #expect(one.world.trace.hash == two.world.trace.hash)
        #expect(one.world.eventCount == two.world.eventCount)
        let other = self.rollingKills(seed: 5, count: 200)
        #expect(one.world.trace.hash != other.world.trace.hash)
    }

    /// Cuts off the zone of the active controller, and expects its brokers to be fenced in time, and them alone.
    private func cutActiveZone(_ shape: ClusterShape, seed: UInt64) throws {
        let world = World(seed: seed)
        let cluster = SimulatedCluster(shape, in: world)
        cluster.start()
        #expect(world.run(atMost: .seconds(30)) { cluster.isWhole }, self.last(world))
        world.run(for: .milliseconds(Int64(seed) * 1300))
        let zone = try #require(cluster.activeController).shape.zone
        let cut = FaultStep(time: .zero, fault: .cutZone(zone), lasting: .seconds(60))
        let injector = FaultInjector(FaultPlan(steps: [cut]), cluster: cluster)
        injector.begin()
        let outside = cluster.nodes.filter { $0.shape.zone != zone }
        let lost = cluster.nodes.filter { $0.shape.zone == zone && $0.shape.isBroker }.map(\.id)
        // The session's 9 s, and one.
        let isFenced = world.run(atMost: .seconds(10)) {
            outside.contains { node in lost.allSatisfy { node.node?.metadata.image.brokers[$0]?.isFenced == true } }
        }
        #expect(isFenced, "seed \(seed): \(self.last(world))")
        world.run(for: .seconds(5))
        #expect(injector.counts == ["cutZone": 1])
        for node in outside {
            let brokers = try #require(node.node).metadata.image.brokers.values
            #expect(brokers.filter(\.isFenced).map(\.id).sorted() == lost, "seed \(seed)")
        }
        cluster.close()
    }

    @Test(arguments: [UInt64(1), 2, 3])
    func `a zone that is cut off with the active controller is fenced in time`(seed: UInt64) throws {
        try self.cutActiveZone(.combined(3), seed: seed)
    }

    @Test(arguments: [UInt64(1), 2, 3])
    func `brokers that are cut off with the active controller are fenced in time`(seed: UInt64) throws {
        let nodes = (1...6).map { number in
            NodeShape(
                id: NodeID(Int32(number)), isBroker: number > 3, isController: number <= 3,
                zone: "zone-\((number - 1) % 3 + 1)")
        }
        try self.cutActiveZone(ClusterShape(nodes: nodes), seed: seed)
    }

    @Test func `a node that leaves before it opened its logs does not say that they are clean after a crash`() throws {
        let world = World(seed: 8)
        let cluster = SimulatedCluster(.combined(3), in: world)
        cluster.start()
        #expect(world.run(atMost: .seconds(30)) { cluster.isWhole }, self.last(world))
        let client = TestClient(cluster)
        #expect(client.createTopic("numbers", partitions: 1, replicas: 3) == .noError)
        let node = cluster.nodes[0]
        #expect(world.run(atMost: .seconds(30)) { node.node?.replicas.count == 1 }, self.last(world))
        for node in cluster.nodes { node.kill() }
        func leaves() throws -> Bool {
            node.shutDown()
            #expect(world.run(atMost: .seconds(60)) { !node.isRunning }, self.last(world))
            return try node.disk.attributes("/logs/.kafka_cleanshutdown") != nil
        }
        // Alone it finds no controller, and so does not know which logs are its own.
        node.start()
        world.run(for: .seconds(1))
        #expect(try !leaves())
        cluster.start()
        // By the metadata the nodes serve already: as the processes that were killed.
        #expect(world.run(atMost: .seconds(30)) { cluster.isWhole }, self.last(world))
        #expect(node.node?.replicas.count == 1)
        #expect(try leaves())
        client.close()
        cluster.close()
    }
}
