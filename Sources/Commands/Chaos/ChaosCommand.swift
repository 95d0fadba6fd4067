import ApusCore
import Chaos
import CommandLineArguments
import Foundation
import Glibc

/// `apus chaos`: scenarios of faults against real processes.
struct ChaosCommand {
    static var command: Command {
        Command(
            CommandDeclaration(
                "chaos", "Do harm to a cluster while clients use it, and check what they saw.",
                discussion: """
                    A scenario is a file that says what runs, what is done to it and what must hold: see \
                    chaos/README.md. The cluster is made for the run on the loopback interface and ended with it.
                    """,
                commands: [self.runDeclaration, self.listDeclaration, ChaosPage.declaration],
                examples: [
                    "apus chaos list", "apus chaos run chaos/rolling-kills.yaml --report .local/report",
                    "apus chaos run chaos/zone-killed.yaml --cluster kafka --kafka ../shared/kafka",
                    "apus chaos run chaos/rolling-kills.yaml --repeat 100",
                ])
        ) { parsed, terminal in
            switch parsed.path.last {
            case "run": return try ChaosCommand(parsed: parsed, terminal: terminal).run()
            case "list": return try self.list(parsed, terminal)
            case "report": return try ChaosPage.run(parsed, terminal)
            default: preconditionFailure("the parser accepts only declared commands")
            }
        }
    }

    private let parsed: ParsedCommand
    private let terminal: Terminal

    private static let runDeclaration = CommandDeclaration(
        "run", "Run a scenario; exits with 1 where an expectation does not hold.",
        options: [
            OptionDeclaration(
                "--cluster", value: "WHOSE", completion: .choices(ClusterKind.allCases.map(\.rawValue)),
                "ours, or kafka: the real Apache Kafka. ours where not given."),
            OptionDeclaration(
                "--kafka", value: "DIR", completion: .directories,
                "Where bin/kafka is; \(ChaosCommand.kafkaFolder) where not given."),
            OptionDeclaration(
                "--report", value: "DIR", completion: .directories,
                "Write SCENARIO-WHOSE.json there, and a page about it: SCENARIO.html."),
            OptionDeclaration("--repeat", value: "COUNT", "Run it so often; one line a run, and what all show."),
            OptionDeclaration(
                "--dir", short: "-d", value: "DIR", completion: .directories,
                "Keep the nodes' files there; without, they are removed at the end."),
            ClientSession.jsonOption, ClusterCommand.programOption,
        ],
        operands: [OperandDeclaration("SCENARIO", "The scenario's file.")])

    private static let listDeclaration = CommandDeclaration(
        "list", "Show the scenarios of a folder.",
        operands: [OperandDeclaration("DIR", required: false, "chaos where not given.")])

    private static let kafkaFolder = "../shared/kafka"

    private static func list(_ parsed: ParsedCommand, _ terminal: Terminal) throws -> Int32 {
        let folder = parsed.operands.first ?? "chaos"
        let names: [String]
        do {
            names = try FileManager.default.contentsOfDirectory(atPath: folder)
        } catch {
            throw CommandFailure("there is no folder \(folder)")
        }
        var table = TextTable([.init("Scenario"), .init("Seconds", .right), .init("What happens")])
        for name in names.sorted() where name.hasSuffix(".yaml") {
            let scenario = try ScenarioReader.read(path: "\(folder)/\(name)")
            let seconds = scenario.workload.warmUp + scenario.workload.duration
            table.add([scenario.name, "\(seconds.milliseconds / 1000)", scenario.summary])
        }
        terminal.write(table.text)
        return 0
    }

    // MARK: Running

    private func run() throws -> Int32 {
        let scenario = try ScenarioReader.read(path: self.parsed.operands[0])
        let program = try self.program()
        let count = try self.parsed.integer("--repeat", least: 1)
        let interruption = try Interruption()
        defer { interruption.stop() }
        do {
            if let count { return try self.series(scenario, program, count, interruption) }
            let result = try self.runOnce(scenario, program, interruption, number: nil)
            self.terminal.progress("")
            if result.skipped == nil { try self.write(result) }
            self.terminal.write(
                self.parsed.has("--json") ? try Self.json(result) : ChaosReport.text(of: result))
            return result.isGood ? 0 : 1
        } catch let error as ChaosError where error.code == .interrupted {
            self.terminal.progress("")
            self.terminal.complain("interrupted; all processes are ended")
            return 130
        }
    }

    private func series(
        _ scenario: Scenario, _ program: ClusterProgram, _ count: Int, _ interruption: Interruption
    ) throws -> Int32 {
        var series = RunSeries(scenario: scenario.name, cluster: program.kind)
        for number in 1...count {
            let result = try self.runOnce(scenario, program, interruption, number: number)
            self.terminal.progress("")
            let outline = series.add(result)
            if !result.isGood, let folder = self.parsed.value("--report") {
                try Self.write(try Self.json(result), to: "\(folder)/\(scenario.name)-run-\(number).json")
            }
            self.terminal.line(ChaosReport.line(of: outline, result))
        }
        if let folder = self.parsed.value("--report") {
            let file = "\(folder)/\(scenario.name)-\(program.kind.rawValue)-series.json"
            try Self.write(try Self.json(series.result), to: file)
        }
        self.terminal.write(
            self.parsed.has("--json") ? try Self.json(series.result) : ChaosReport.text(of: series.result))
        return series.result.runs.allSatisfy(\.isGood) ? 0 : 1
    }

    private func runOnce(
        _ scenario: Scenario, _ program: ClusterProgram, _ interruption: Interruption, number: Int?
    ) throws -> RunResult {
        let kept = self.parsed.value("--dir").map { ClusterCommand.absolute($0) + (number.map { "/\($0)" } ?? "") }
        let folder = kept ?? "\(NSTemporaryDirectory())/apus-chaos-\(getpid())-\(number ?? 0)"
        if FileManager.default.fileExists(atPath: folder) {
            throw CommandFailure("\(folder) is there already; name a folder that is not")
        }
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        defer {
            if kept == nil {
                do {
                    try FileManager.default.removeItem(atPath: folder)
                } catch {
                    self.terminal.complain("cannot remove \(folder): \(error)")
                }
            }
        }
        let run = ScenarioRun(scenario, program: program, folder: folder, interruption: interruption) {
            self.terminal.progress(number.map { "run \($0): " } ?? "" + $0)
        }
        return try run.run()
    }

    private func program() throws -> ClusterProgram {
        let own = try ClusterCommand.program(self.parsed)
        let folder = URL(fileURLWithPath: try Self.executable()).deletingLastPathComponent().path
        let addresses = "\(folder)/libapus-source-address.so"
        guard let preloaded = Self.existing(addresses) else {
            throw CommandFailure("there is no \(addresses); 'make release' builds it")
        }
        var program = ClusterProgram(
            kind: ClusterKind(rawValue: self.parsed.value("--cluster") ?? "ours") ?? .ours, path: own,
            preloaded: [preloaded], diskFaults: Self.existing("\(folder)/libapus-fault-disk.so"),
            clockFaults: Self.existing("\(folder)/libapus-fault-clock.so"))
        if program.kind == .kafka {
            let folder = ClusterCommand.absolute(self.parsed.value("--kafka") ?? Self.kafkaFolder)
            program.path = "\(folder)/bin/kafka"
            guard FileManager.default.isExecutableFile(atPath: program.path) else {
                throw CommandFailure("there is no \(program.path); --kafka names Kafka's folder")
            }
        }
        return program
    }

    private static func existing(_ path: String) -> String? {
        FileManager.default.fileExists(atPath: path) ? path : nil
    }

    private static func executable() throws -> String {
        do {
            return try FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")
        } catch {
            throw CommandFailure("cannot tell where this program is: \(error)")
        }
    }

    // MARK: Files

    /// Writes the result, and the page of the scenario: with what the other cluster showed beside it, where its result
    /// is there.
    private func write(_ result: RunResult) throws {
        guard let folder = self.parsed.value("--report") else { return }
        try Self.write(try Self.json(result), to: Self.resultFile(folder, result.scenario, result.cluster))
        var results: [RunResult] = []
        for cluster in ClusterKind.allCases {
            let path = Self.resultFile(folder, result.scenario, cluster)
            guard let contents = FileManager.default.contents(atPath: path) else { continue }
            do {
                results.append(try JSONDecoder().decode(RunResult.self, from: contents))
            } catch {
                throw CommandFailure("\(path) is not a result of this version; remove it")
            }
        }
        try Self.write(ReportPage(results).html, to: "\(folder)/\(result.scenario).html")
    }

    private static func resultFile(_ folder: String, _ scenario: String, _ cluster: ClusterKind) -> String {
        "\(folder)/\(scenario)-\(cluster.rawValue).json"
    }

    private static func write(_ text: String, to path: String) throws {
        do {
            let folder = URL(fileURLWithPath: path).deletingLastPathComponent().path
            try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
            try text.write(toFile: path, atomically: true, encoding: .utf8)
        } catch {
            throw CommandFailure("cannot write \(path): \(error)")
        }
    }

    private static func json(_ value: some Encodable) throws -> String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys]
        return String(decoding: try encoder.encode(value), as: UTF8.self) + "\n"
    }
}
