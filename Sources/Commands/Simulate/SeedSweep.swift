import CommandLineArguments
import Foundation
import Simulation
import Synchronization

/// Runs many seeds in processes of their own, so that one that crashes or hangs is a failure like any other.
///
/// Seeds are handed out in pieces in their order; the state file says up to where all are done.
final class SeedSweep: Sendable {
    /// What a state file holds.
    private struct Saved: Codable {
        /// All seeds before it are done.
        var next: UInt64
        var worlds = 0
        var events: UInt64 = 0
        var failures = 0
    }

    private struct Progress {
        var saved: Saved
        /// The next seed to hand out.
        var unclaimed: UInt64?
        /// First seeds of the pieces that are under way.
        var underWay: Set<UInt64> = []
        var virtualSeconds = 0.0
        var failures: [WorldReport] = []
        var workers: [Int32: Date] = [:]
        var lastFailure = ""
    }

    private let seeds: ClosedRange<UInt64>
    private let arguments: [String]
    private let narrowing: Narrowing
    private let jobs: Int
    private let deadline: Date?
    private let stateFile: String?
    private let failureFile: String?
    private let terminal: Terminal
    private let start = Date()
    private let progress: Mutex<Progress>

    /// Seeds of one process: small enough that what a world leaves behind does not add up.
    private static let piece: UInt64 = 20
    /// A world that says nothing for so long hangs.
    private static let patience: TimeInterval = 180

    init(_ parsed: ParsedCommand, _ terminal: Terminal) throws {
        if parsed.has("--fresh") {
            let first = UInt64.random(in: 1 << 32...1 << 48)
            self.seeds = first...first + (1 << 32)
            terminal.line("fresh seeds from \(first) on")
        } else {
            self.seeds = try SeedRange.parse(parsed)
        }
        self.narrowing = try SimulateCommand.narrowing(parsed)
        self.arguments = self.narrowing.arguments
        self.jobs = try parsed.integer("--jobs", least: 1) ?? 2
        self.deadline = try parsed.integer("--seconds", least: 1).map { Date() + Double($0) }
        self.stateFile = parsed.value("--state")
        self.failureFile = parsed.value("--failures")
        self.terminal = terminal
        var saved = Saved(next: self.seeds.lowerBound)
        if let file = self.stateFile, let bytes = FileManager.default.contents(atPath: file) {
            saved = try JSONDecoder().decode(Saved.self, from: bytes)
        }
        let next = max(saved.next, self.seeds.lowerBound)
        self.progress = Mutex(
            Progress(saved: saved, unclaimed: self.seeds.contains(next) ? next : nil))
    }

    func run() throws -> Int32 {
        let threads = (0..<self.jobs).map { _ in
            let ended = DispatchSemaphore(value: 0)
            let thread = Thread { [self] in
                while let piece = self.claim() { self.work(piece) }
                ended.signal()
            }
            thread.start()
            return ended
        }
        for ended in threads {
            while ended.wait(timeout: .now() + 1) == .timedOut {
                self.endHanging()
                self.terminal.progress(self.line)
            }
        }
        self.terminal.progress("")
        self.terminal.line(self.line)
        return self.progress.withLock { $0.saved.failures } == 0 ? 0 : 1
    }

    private var line: String {
        let elapsed = max(Date().timeIntervalSince(self.start), 1e-3)
        return self.progress.withLock { progress in
            let rate = Int(Double(progress.saved.events) / elapsed)
            let ratio = String(format: "%.1f", progress.virtualSeconds / elapsed)
            return "worlds \(progress.saved.worlds)  events \(progress.saved.events)  events/s \(rate)  "
                + "virtual/real \(ratio)  failures \(progress.saved.failures)"
        }
    }

    // MARK: - Pieces

    private func claim() -> ClosedRange<UInt64>? {
        self.progress.withLock { progress in
            guard let first = progress.unclaimed, self.deadline.map({ Date() < $0 }) ?? true else { return nil }
            let last = min(first + Self.piece - 1, self.seeds.upperBound)
            progress.unclaimed = last < self.seeds.upperBound ? last + 1 : nil
            progress.underWay.insert(first)
            return first...last
        }
    }

    private func work(_ piece: ClosedRange<UInt64>) {
        var next = piece.lowerBound
        while next <= piece.upperBound, self.deadline.map({ Date() < $0 }) ?? true {
            next = self.runWorker(next...piece.upperBound) + 1
        }
        let isDone = next > piece.upperBound
        self.progress.withLock { progress in
            if isDone { progress.underWay.remove(piece.lowerBound) }
            progress.saved.next = progress.underWay.min() ?? progress.unclaimed ?? self.seeds.upperBound + 1
            self.save(progress.saved)
        }
    }

    /// Runs one process and takes its reports. Returns the last seed that is done.
    private func runWorker(_ seeds: ClosedRange<UInt64>) -> UInt64 {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/proc/self/exe").resolvingSymlinksInPath()
        process.arguments =
            ["simulate", "--worker", "--seeds", "\(seeds.lowerBound)..\(seeds.upperBound)"] + self.arguments
        let output = Pipe()
        let complaints = Pipe()
        process.standardOutput = output
        process.standardError = complaints
        process.standardInput = FileHandle.nullDevice
        do {
            try process.run()
        } catch {
            self.terminal.complain("cannot start a worker: \(error)")
            return seeds.upperBound
        }
        let pid = process.processIdentifier
        self.progress.withLock { $0.workers[pid] = Date() }
        let tail = WorkerComplaints(complaints.fileHandleForReading)
        let last = self.readReports(output.fileHandleForReading, seeds, pid)
        process.waitUntilExit()
        self.progress.withLock { $0.workers[pid] = nil }
        guard let begun = last.begun else { return last.done ?? seeds.upperBound }
        let isHanging = process.terminationReason == .uncaughtSignal && process.terminationStatus == SIGKILL
        self.take(
            WorldReport(
                seed: begun, broken: isHanging ? "hang" : "crash", detail: tail.text, narrowing: self.narrowing,
                seconds: 0))
        return begun
    }

    /// Reads lines until the process closes its output: the last seed that is done, and one that was begun and is not.
    private func readReports(
        _ handle: FileHandle, _ seeds: ClosedRange<UInt64>, _ pid: Int32
    ) -> (done: UInt64?, begun: UInt64?) {
        var done: UInt64?
        var begun: UInt64? = seeds.lowerBound
        var buffer = Data()
        while true {
            let bytes = handle.availableData
            if bytes.isEmpty { return (done, begun) }
            self.progress.withLock { $0.workers[pid] = Date() }
            buffer.append(bytes)
            while let end = buffer.firstIndex(of: 10) {
                let line = buffer[buffer.startIndex..<end]
                buffer = Data(buffer[buffer.index(after: end)...])
                let text = String(decoding: line, as: UTF8.self)
                if text.hasPrefix("begin ") {
                    begun = UInt64(text.dropFirst(6))
                    continue
                }
                do {
                    let report = try JSONDecoder().decode(WorldReport.self, from: line)
                    done = report.seed
                    begun = nil
                    self.take(report)
                } catch {
                    self.terminal.complain("a worker said: \(text)")
                }
            }
        }
    }

    private func endHanging() {
        let now = Date()
        for (pid, heard) in self.progress.withLock({ $0.workers }) where now.timeIntervalSince(heard) > Self.patience {
            kill(pid, SIGKILL)
        }
    }

    // MARK: - What is told

    private func take(_ report: WorldReport) {
        let isFailure = report.broken != nil
        self.progress.withLock { progress in
            progress.saved.worlds += 1
            progress.saved.events += report.events
            progress.virtualSeconds += report.virtualSeconds
            if isFailure { progress.saved.failures += 1 }
        }
        guard isFailure else { return }
        var told = self.shrunk(report)
        told.lastEvents = Array(told.lastEvents.suffix(20))
        do {
            let line = try told.json()
            self.terminal.progress("")
            self.terminal.line(line)
            if let file = self.failureFile { self.append(line, to: file) }
        } catch {
            self.terminal.complain("a failure of seed \(report.seed) cannot be told: \(error)")
        }
    }

    /// The same failure made smaller, where its process lives to tell; found out in a process of its own.
    private func shrunk(_ report: WorldReport) -> WorldReport {
        guard report.broken != "crash", report.broken != "hang" else { return report }
        var shrunk = report
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/proc/self/exe").resolvingSymlinksInPath()
        process.arguments = ["simulate", "--shrink", "--seed", "\(report.seed)"] + self.arguments
        let output = Pipe()
        process.standardOutput = output
        process.standardError = FileHandle.nullDevice
        do {
            try process.run()
        } catch {
            return report
        }
        let text = String(decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
        process.waitUntilExit()
        if let replay = text.split(separator: "\n").last(where: { $0.hasPrefix("replay  ") }) {
            shrunk.replay = String(replay.dropFirst(8))
        }
        return shrunk
    }

    private func append(_ line: String, to file: String) {
        if !FileManager.default.fileExists(atPath: file),
            !FileManager.default.createFile(atPath: file, contents: nil)
        {
            return self.terminal.complain("cannot make \(file)")
        }
        guard let handle = FileHandle(forWritingAtPath: file) else {
            return self.terminal.complain("cannot write to \(file)")
        }
        handle.seekToEndOfFile()
        handle.write(Data((line + "\n").utf8))
        handle.closeFile()
    }

    private func save(_ saved: Saved) {
        guard let file = self.stateFile else { return }
        do {
            try JSONEncoder().encode(saved).write(to: URL(fileURLWithPath: file), options: .atomic)
        } catch {
            self.terminal.complain("cannot write \(file): \(error)")
        }
    }
}

/// The end of what a process complained about, read on a thread of its own so that it never has to wait.
private final class WorkerComplaints: Sendable {
    private let bytes = Mutex(Data())
    private let ended = DispatchSemaphore(value: 0)

    private static let bytesMax = 4000

    init(_ handle: FileHandle) {
        Thread.detachNewThread { [self] in
            while true {
                let more = handle.availableData
                if more.isEmpty { break }
                // The first words say what went wrong; what follows is how it got there.
                self.bytes.withLock { if $0.count < Self.bytesMax { $0.append(more.prefix(Self.bytesMax)) } }
            }
            self.ended.signal()
        }
    }

    var text: String {
        _ = self.ended.wait(timeout: .now() + 5)
        return String(decoding: self.bytes.withLock { $0 }, as: UTF8.self)
    }
}
