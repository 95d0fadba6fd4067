import ApusCore
import CommandLineArguments
import History
import Simulation

/// `apus simulate`: whole clusters in virtual time, each from one seed.
enum SimulateCommand {
    static var command: Command {
        Command(self.declaration) { parsed, terminal in
            try self.runOne(parsed, terminal)
        }
    }

    private static let declaration = CommandDeclaration(
        "simulate", "Run whole clusters in virtual time under faults, each from one seed.",
        discussion: """
            A seed is a history: the same one on every machine. See docs/simulation.md.
            """,
        options: [
            OptionDeclaration("--seed", value: "N", "The seed of one world."),
            OptionDeclaration(
                "--events", value: "M", "Events before the faults end; \(Scenario.eventsDefault) where not given."),
            .flag("--trace", "Show every event."),
        ],
        examples: ["apus simulate --seed 1", "apus simulate --seed 1 --trace"])

    private static func runOne(_ parsed: ParsedCommand, _ terminal: Terminal) throws -> Int32 {
        let seed = UInt64(try parsed.integer("--seed", least: 0) ?? 1)
        let events = UInt64(try parsed.integer("--events", least: 1) ?? Int(Scenario.eventsDefault))
        let sink: ((String) -> Void)? = parsed.has("--trace") ? { terminal.line($0) } : nil
        let clock = ContinuousClock()
        let start = clock.now
        let outcome = Simulator.run(seed: seed, events: events, sink: sink)
        let elapsed = start.duration(to: clock.now)
        if outcome.violation != nil {
            for line in outcome.lastEvents { terminal.line(line) }
        }
        terminal.line(
            "\(outcome.seed) \(outcome.phase) events \(outcome.events) faulty \(outcome.faultyEvents) virtual \(outcome.virtualTime.milliseconds) ms real \(elapsed) hash \(String(outcome.traceHash, radix: 16))"
        )
        if let violation = outcome.violation { terminal.line("\(violation)") }
        if let verdict = outcome.verdict {
            terminal.line(
                "ok \(verdict.sentOK) info \(verdict.sentInfo) fail \(verdict.sentFail) read \(verdict.readOK) \(verdict.counts)"
            )
        }
        return outcome.violation == nil ? 0 : 1
    }
}
