import CommandLineArguments
import Foundation
import Simulation

/// Runs some seeds one after the other and tells each in one line of JSON: the process that `SeedSweep` starts.
struct SimulationWorker {
    private let seeds: ClosedRange<UInt64>
    private let narrowing: Narrowing

    init(_ parsed: ParsedCommand) throws {
        self.narrowing = try SimulateCommand.narrowing(parsed)
        self.seeds = try SeedRange.parse(parsed)
    }

    func run(_ terminal: Terminal) throws -> Int32 {
        let clock = ContinuousClock()
        for seed in self.seeds {
            terminal.line("begin \(seed)")
            let start = clock.now
            let outcome = Simulator.run(seed: seed, options: self.narrowing)
            let seconds = start.duration(to: clock.now) / .seconds(1)
            terminal.line(try WorldReport(outcome, self.narrowing, seconds: seconds).json())
        }
        return 0
    }
}

/// The value of `--seeds`.
enum SeedRange {
    static func parse(_ parsed: ParsedCommand) throws -> ClosedRange<UInt64> {
        guard let text = parsed.value("--seeds") else { return 1...1 }
        let parts = text.components(separatedBy: "..").map { UInt64($0) }
        guard parts.count == 2, let first = parts[0], let last = parts[1], first <= last else {
            throw parsed.invalid("--seeds", "two numbers as in 1..1000")
        }
        return first...last
    }
}
