package import ApusCore

/// Runs worlds: the entry point of `apus simulate` and of tests.
package enum Simulator {
    /// Lives the world of a seed.
    ///
    /// - Parameters:
    ///   - events: those before the healing.
    ///   - options: what is taken away from the seed's scenario.
    ///   - sink: is given every event, as a line.
    package static func run(
        seed: UInt64, events: UInt64 = Scenario.eventsDefault, options: Narrowing = Narrowing(),
        sink: ((String) -> Void)? = nil
    ) -> Outcome {
        SimulationRun(options.applied(to: Scenario(seed: seed, events: events)), sink: sink).run()
    }

    /// How many faults the plan of a seed has at most: those within the time that the events took.
    package static func stepCount(seed: UInt64, within time: Interval) -> Int {
        Scenario(seed: seed).plan.steps.prefix { $0.time <= time }.count
    }

    /// Makes a failure of a seed smaller.
    ///
    /// - Returns: what is left, and what becomes of it; nil where the seed does not fail.
    package static func shrink(
        seed: UInt64, options: Narrowing = Narrowing(), budget: Int = 60
    ) -> (narrowing: Narrowing, outcome: Outcome)? {
        let first = self.run(seed: seed, options: options)
        guard let violation = first.violation else { return nil }
        var start = options
        start.events = first.faultyEvents
        var shrinker = Shrinker(
            seed: seed, promise: violation.promise.rawValue, narrowing: start,
            stepCount: self.stepCount(seed: seed, within: first.virtualTime), budget: budget
        ) { narrowing in
            let outcome = self.run(seed: seed, options: narrowing)
            return outcome.violation.map { ($0.promise.rawValue, outcome.faultyEvents) }
        }
        let narrowing = shrinker.shrink()
        return (narrowing, self.run(seed: seed, options: narrowing))
    }
}
