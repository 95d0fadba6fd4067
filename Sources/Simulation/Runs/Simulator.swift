import ApusCore

/// Runs worlds: the entry point of `apus simulate` and of tests.
package enum Simulator {
    /// Lives the world of a seed.
    ///
    /// - Parameters:
    ///   - events: those before the healing.
    ///   - sink: is given every event, as a line.
    package static func run(
        seed: UInt64, events: UInt64 = Scenario.eventsDefault, sink: ((String) -> Void)? = nil
    ) -> Outcome {
        SimulationRun(Scenario(seed: seed, events: events), sink: sink).run()
    }
}
