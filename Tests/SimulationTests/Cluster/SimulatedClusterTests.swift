import ApusCore
import Simulation
import Testing

@Suite struct SimulatedClusterTests {
    @Test func `three nodes elect a controller, register and serve`() throws {
        let world = World(seed: 1)
        let cluster = SimulatedCluster(.combined(3), in: world)
        cluster.start()
        let whole = world.run(atMost: .seconds(30)) { cluster.isWhole }
        #expect(whole, "\(world.trace.last.map { "\($0)" }.joined(separator: "\n"))")
        cluster.close()
    }
}
