import ApusCore
import CommandLineArguments
import Foundation
import History
import Simulation

/// What became of one world: for people in lines, for programs in one line of JSON.
struct WorldReport: Codable {
    var seed: UInt64
    /// The promise that was broken, as its raw value; `crash` and `hang` where the process was.
    var broken: String?
    var detail: String?
    var phase: String
    var events: UInt64
    var virtualSeconds: Double
    var seconds: Double
    var hash: String
    var commit: String
    var replay: String
    var faults: [String: Int] = [:]
    var acknowledged = 0
    var read = 0
    /// Batches that readers got from nodes that did not lead.
    var nearby = 0
    var lastEvents: [String] = []

    init(_ outcome: Outcome, _ narrowing: Narrowing, seconds: Double) {
        self.seed = outcome.seed
        self.broken = outcome.violation?.promise.rawValue
        self.detail = outcome.violation?.detail
        self.phase = outcome.phase.rawValue
        self.events = outcome.events
        self.virtualSeconds = Double(outcome.virtualTime.nanoseconds) / 1e9
        self.seconds = seconds
        self.hash = String(outcome.traceHash, radix: 16)
        self.commit = SourceCommit.current
        self.replay = Self.replay(outcome.seed, narrowing)
        self.faults = outcome.faults
        self.acknowledged = outcome.verdict?.sentOK ?? 0
        self.read = outcome.verdict?.readOK ?? 0
        self.nearby = outcome.nearbyReads
        if outcome.violation != nil { self.lastEvents = outcome.lastEvents }
    }

    /// A world whose process did not live to tell.
    init(seed: UInt64, broken: String, detail: String, narrowing: Narrowing, seconds: Double) {
        self.seed = seed
        self.broken = broken
        self.detail = detail
        self.phase = "unknown"
        self.events = 0
        self.virtualSeconds = 0
        self.seconds = seconds
        self.hash = ""
        self.commit = SourceCommit.current
        self.replay = Self.replay(seed, narrowing)
    }

    static func replay(_ seed: UInt64, _ narrowing: Narrowing) -> String {
        (["apus simulate --seed \(seed)"] + narrowing.arguments).joined(separator: " ")
    }

    /// One line.
    func json() throws -> String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        return String(decoding: try encoder.encode(self), as: UTF8.self)
    }

    /// For people: a failure with its last events, seed, commit and the command that replays it.
    var lines: [String] {
        var lines = self.lastEvents
        let rate = Int(Double(self.events) / max(self.seconds, 1e-9))
        let ratio = self.virtualSeconds / max(self.seconds, 1e-9)
        lines.append(
            "seed \(self.seed)  events \(self.events)  virtual \(Self.rounded(self.virtualSeconds)) s  "
                + "real \(Self.rounded(self.seconds)) s  virtual/real \(Self.rounded(ratio))  events/s \(rate)  "
                + "hash \(self.hash)")
        let faults = self.faults.sorted { $0.key < $1.key }.map { "\($0.key) \($0.value)" }
        if !faults.isEmpty { lines.append("faults  " + faults.joined(separator: ", ")) }
        guard let broken = self.broken else {
            lines.append(
                "all promises kept  acknowledged \(self.acknowledged)  read \(self.read)  nearby batches \(self.nearby)"
            )
            return lines
        }
        lines.append("broken  \(broken) (\(self.phase)): \(self.detail ?? "")")
        lines.append("commit  \(self.commit)")
        lines.append("replay  \(self.replay)")
        return lines
    }

    private static func rounded(_ value: Double) -> String { String(format: "%.2f", value) }
}

/// The commit of the sources that this process was started among, as far as the folders above tell.
enum SourceCommit {
    static var current: String {
        let environment = ProcessInfo.processInfo.environment["APUS_COMMIT"]
        return environment ?? self.read() ?? "unknown"
    }

    private static func read() -> String? {
        var folder = URL(fileURLWithPath: FileManager.default.currentDirectoryPath)
        while folder.path != "/" {
            if let head = self.text(folder.appendingPathComponent(".git/HEAD")) {
                return self.resolve(head, in: folder.appendingPathComponent(".git"))
            }
            // A working tree beside the first one has a file that names its folder.
            if let link = self.text(folder.appendingPathComponent(".git")), link.hasPrefix("gitdir: ") {
                let git = URL(fileURLWithPath: String(link.dropFirst(8)))
                return self.text(git.appendingPathComponent("HEAD")).flatMap { self.resolve($0, in: git) }
            }
            folder.deleteLastPathComponent()
        }
        return nil
    }

    private static func resolve(_ head: String, in git: URL) -> String? {
        guard head.hasPrefix("ref: ") else { return head }
        let name = String(head.dropFirst(5))
        let common = self.text(git.appendingPathComponent("commondir")).map { git.appendingPathComponent($0) } ?? git
        return self.text(common.appendingPathComponent(name)) ?? name
    }

    private static func text(_ file: URL) -> String? {
        guard let bytes = FileManager.default.contents(atPath: file.path) else { return nil }
        return String(decoding: bytes, as: UTF8.self).trimmingCharacters(in: .whitespacesAndNewlines)
    }
}
