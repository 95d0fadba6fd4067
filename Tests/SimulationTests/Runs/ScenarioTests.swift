import Configuration
import Simulation
import Testing

struct ScenarioTests {
    @Test func `no seed has a configuration that a node warns of`() throws {
        for seed in UInt64(1)...60 {
            let scenario = Scenario(seed: seed)
            let world = World(seed: seed)
            defer { withExtendedLifetime(world) {} }
            let cluster = SimulatedCluster(scenario.shape, in: world)
            for node in cluster.nodes {
                #expect(try node.configuration().warnings == [], "seed \(seed)")
            }
            for step in scenario.plan.steps {
                guard case .reconfigure(let id, let key, let value) = step.fault else { continue }
                let node = cluster.node(id)
                node.overrides = [key: value]
                #expect(try node.configuration().warnings == [], "seed \(seed)")
            }
            cluster.close()
        }
    }
}
