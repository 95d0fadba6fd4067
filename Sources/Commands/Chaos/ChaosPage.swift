import Chaos
import CommandLineArguments
import Foundation

/// `apus chaos report`: the page about results that were kept.
enum ChaosPage {
    static let declaration = CommandDeclaration(
        "report", "Write a page about a run, or about two runs of a scenario beside each other.",
        options: [
            OptionDeclaration(
                "--output", short: "-o", value: "FILE", completion: .files,
                "The page's file; the first result's with .html where not given.")
        ],
        operands: [
            OperandDeclaration("RESULT", "A result that 'apus chaos run --report' has written."),
            OperandDeclaration("OTHER", required: false, "The same scenario's, of the other cluster."),
        ])

    static func run(_ parsed: ParsedCommand, _ terminal: Terminal) throws -> Int32 {
        let results = try parsed.operands.map { try self.result($0) }
        guard Set(results.map(\.scenario)).count == 1 else {
            throw CommandFailure("the results are of different scenarios; only runs of the same can be compared")
        }
        let beside = URL(fileURLWithPath: parsed.operands[0]).deletingPathExtension().path + ".html"
        let output = parsed.value("--output") ?? beside
        do {
            try ReportPage(results).html.write(toFile: output, atomically: true, encoding: .utf8)
        } catch {
            throw CommandFailure("cannot write \(output): \(error)")
        }
        terminal.line(output)
        return 0
    }

    /// - Throws: `CommandFailure` where there is no result of this version.
    static func result(_ path: String) throws -> RunResult {
        guard let contents = FileManager.default.contents(atPath: path) else {
            throw CommandFailure("there is no \(path)")
        }
        do {
            return try JSONDecoder().decode(RunResult.self, from: contents)
        } catch {
            throw CommandFailure("\(path) is not a result of this version")
        }
    }
}
