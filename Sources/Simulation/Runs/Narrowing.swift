import ApusCore

/// What is taken away from a seed's scenario: how a failure is made smaller, and replayed so.
package struct Narrowing: Hashable, Sendable {
    /// Events before the healing; nil for as many as ever.
    package var events: UInt64?
    /// Fault steps of the plan that are kept, by place, ascending; nil for all.
    package var steps: [Int]?
    package var writersMax: Int?
    package var readersMax: Int?
    package var withoutAdmin = false
    package var withoutRestarts = false
    package var withoutDead = false

    package init() {}

    /// The scenario that is left.
    package func applied(to scenario: Scenario) -> Scenario {
        var scenario = scenario
        if let events = self.events { scenario.events = events }
        if let steps = self.steps {
            let plan = scenario.plan.steps
            scenario.plan.steps = steps.filter { plan.indices.contains($0) }.map { plan[$0] }
        }
        if let writers = self.writersMax { scenario.writers = min(scenario.writers, writers) }
        if let readers = self.readersMax {
            scenario.readers = min(scenario.readers, readers)
            scenario.nearbyReaders = min(scenario.nearbyReaders, readers)
        }
        if self.withoutAdmin { (scenario.adminPause, scenario.zonePause) = (nil, nil) }
        if self.withoutRestarts { scenario.writerRestartPause = nil }
        if self.withoutDead { scenario.dead = [] }
        return scenario
    }

    /// The words of a command line that say the same.
    package var arguments: [String] {
        var words: [String] = []
        if let events = self.events { words += ["--events", "\(events)"] }
        if let steps = self.steps {
            words += ["--faults", steps.isEmpty ? "none" : steps.map(String.init).joined(separator: ",")]
        }
        if let writers = self.writersMax { words += ["--writers", "\(writers)"] }
        if let readers = self.readersMax { words += ["--readers", "\(readers)"] }
        if self.withoutAdmin { words.append("--no-administrator") }
        if self.withoutRestarts { words.append("--no-restarts") }
        if self.withoutDead { words.append("--no-dead") }
        return words
    }
}
