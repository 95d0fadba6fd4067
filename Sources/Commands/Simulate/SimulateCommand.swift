import ApusCore
import CommandLineArguments
import Foundation
import Simulation

/// `apus simulate`: whole clusters in virtual time, each from one seed.
enum SimulateCommand {
    static var command: Command {
        Command(self.declaration) { parsed, terminal in
            if parsed.has("--worker") { return try SimulationWorker(parsed).run(terminal) }
            if parsed.value("--seeds") != nil || parsed.has("--fresh") { return try SeedSweep(parsed, terminal).run() }
            return try self.runOne(parsed, terminal)
        }
    }

    private static let declaration = CommandDeclaration(
        "simulate", "Run whole clusters in virtual time under faults, each from one seed.",
        discussion: """
            A seed is a history: the same one on every machine. With --seed one world is run and told; with --seeds or \
            --fresh many are, in processes of their own, and each failure is made smaller and told in one line of JSON. \
            Exits with 1 where a promise was broken. See docs/simulation.md.
            """,
        options: [
            OptionDeclaration("--seed", value: "N", "The seed of one world; 1 where not given."),
            OptionDeclaration("--seeds", value: "A..B", "Run all of these, both ends included."),
            .flag("--fresh", "Run seeds that nobody ran before, until the time is up."),
            OptionDeclaration(
                "--events", value: "M", "Events before the faults end; \(Scenario.eventsDefault) where not given."),
            OptionDeclaration("--jobs", value: "N", "Processes that run seeds; 2 where not given."),
            OptionDeclaration("--seconds", value: "N", "Begin no seed after so long."),
            OptionDeclaration(
                "--state", value: "FILE", completion: .files,
                "Remember here which seeds are done, and go on from there."),
            OptionDeclaration(
                "--failures", value: "FILE", completion: .files, "Append the failures here as well."),
            .flag("--trace", "Show every event of one world."),
            .flag("--shrink", "Make the failure of one seed smaller."),
            OptionDeclaration("--faults", value: "PLACE,...", "Keep these faults of the seed's plan alone, or none."),
            OptionDeclaration("--writers", value: "N", "So many producers at most."),
            OptionDeclaration("--readers", value: "N", "So many consumers at most."),
            .flag("--no-administrator", "Nobody changes topics or zones."), .flag("--no-restarts", "No producer dies."),
            .flag("--no-dead", "All nodes come back in the end."),
            .flag("--worker", "Tell every world of --seeds in one line of JSON; for this command's own use."),
        ],
        exclusive: [["--seed", "--seeds", "--fresh"]],
        examples: [
            "apus simulate --seed 1", "apus simulate --seed 1 --trace",
            "apus simulate --seeds 1..10000 --jobs 2 --state .local/simulation.json",
        ])

    /// What the options take away from the seed's scenario.
    static func narrowing(_ parsed: ParsedCommand) throws -> Narrowing {
        var narrowing = Narrowing()
        narrowing.events = try parsed.integer("--events", least: 1).map { UInt64($0) }
        narrowing.writersMax = try parsed.integer("--writers", least: 1)
        narrowing.readersMax = try parsed.integer("--readers")
        narrowing.withoutAdmin = parsed.has("--no-administrator")
        narrowing.withoutRestarts = parsed.has("--no-restarts")
        narrowing.withoutDead = parsed.has("--no-dead")
        if let text = parsed.value("--faults") {
            let places = text == "none" ? [] : text.split(separator: ",").map { Int($0) }
            guard !places.contains(nil) else { throw parsed.invalid("--faults", "places like 0,3,7, or none") }
            narrowing.steps = places.compactMap(\.self).sorted()
        }
        return narrowing
    }

    private static func runOne(_ parsed: ParsedCommand, _ terminal: Terminal) throws -> Int32 {
        let seed = UInt64(try parsed.integer("--seed") ?? 1)
        var narrowing = try self.narrowing(parsed)
        let sink: ((String) -> Void)? = parsed.has("--trace") ? { terminal.line($0) } : nil
        let clock = ContinuousClock()
        let start = clock.now
        var outcome: Outcome
        if parsed.has("--shrink") {
            guard let shrunk = Simulator.shrink(seed: seed, options: narrowing) else {
                terminal.line("seed \(seed) breaks no promise")
                return 0
            }
            (narrowing, outcome) = shrunk
        } else {
            outcome = Simulator.run(seed: seed, options: narrowing, sink: sink)
        }
        let elapsed = start.duration(to: clock.now) / .seconds(1)
        for line in WorldReport(outcome, narrowing, seconds: elapsed).lines { terminal.line(line) }
        return outcome.violation == nil ? 0 : 1
    }
}
