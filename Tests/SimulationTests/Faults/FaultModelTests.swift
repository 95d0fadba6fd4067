import ApusCore
import Simulation
import Testing

struct FaultModelTests {
    @Test func `where each record is flushed a broker may lose its power until a topic is flushed less often`() {
        let world = World(seed: 1)
        var shape = ClusterShape.combined(1)
        shape.properties["log.flush.interval.messages"] = "1"
        let cluster = SimulatedCluster(shape, in: world)
        let model = cluster.faultModel
        #expect(model.flushesEachRecord && model.mayLosePower(shape.nodes[0]))
        model.askedToFlush(after: "1")
        #expect(model.flushesEachRecord && model.mayLosePower(shape.nodes[0]))
        model.askedToFlush(after: "100")
        #expect(!model.flushesEachRecord && !model.mayLosePower(shape.nodes[0]))
        cluster.close()
        withExtendedLifetime(world) {}
    }
}
