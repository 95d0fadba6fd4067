import History
import Simulation
import Testing

struct SimulatorTests {
    @Test("One seed is one history", arguments: [UInt64(1), 4])
    func sameHistory(seed: UInt64) {
        let one = Simulator.run(seed: seed, events: 2000)
        let two = Simulator.run(seed: seed, events: 2000)
        #expect(one.traceHash == two.traceHash && one.events == two.events, "seed \(seed)")
        #expect(one.violation == nil, "seed \(seed)")
    }

    @Test("Without faults every promise is kept and everything acknowledged is read", arguments: [UInt64(2), 5, 6])
    func noFaults(seed: UInt64) {
        var options = Narrowing()
        options.steps = []
        options.events = 2000
        let outcome = Simulator.run(seed: seed, options: options)
        #expect(outcome.violation == nil, "seed \(seed)")
        #expect(outcome.verdict?.isValid ?? false, "seed \(seed)")
        #expect(outcome.verdict?.sentOK ?? 0 > 0, "seed \(seed)")
    }
}
