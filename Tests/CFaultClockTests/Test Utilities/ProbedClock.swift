import Foundation
import Glibc

/// A process whose clock is at fault, which tells the time.
final class ProbedClock {
    struct NoAnswer: Error {}

    private let root: URL
    private let process = Process()
    private let input = Pipe()
    private let output = Pipe()

    /// With `hasControl` false, the process is started without the variable that the library reads.
    init(hasControl: Bool = true, text: String? = nil) throws {
        self.root = FileManager.default.temporaryDirectory.appending(path: "fault-clock-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: self.root, withIntermediateDirectories: true)
        if let text { try Data(text.utf8).write(to: self.control) }
        var environment = ProcessInfo.processInfo.environment
        environment["LD_PRELOAD"] = Self.product("libapus-fault-clock.so").path
        if hasControl { environment["APUS_FAULT_CLOCK"] = self.control.path }
        self.process.environment = environment
        self.process.executableURL = Self.product("fault-clock-probe")
        self.process.standardInput = self.input
        self.process.standardOutput = self.output
        self.process.standardError = FileHandle.nullDevice
        try self.process.run()
    }

    private var control: URL { self.root.appending(path: "clock") }

    /// Ends the process and removes its files.
    func end() throws {
        try self.input.fileHandleForWriting.close()
        self.process.waitUntilExit()
        try FileManager.default.removeItem(at: self.root)
    }

    /// Writes the control file, and waits until the library must look at it again.
    func ask(_ text: String) throws {
        try Data(text.utf8).write(to: self.control, options: .atomic)
        self.waitForCheck()
    }

    func removeControl() throws {
        try FileManager.default.removeItem(at: self.control)
        self.waitForCheck()
    }

    /// The library's own clock is real: between two looks at the file lie 10 ms, told by a clock that may be 4 ms late.
    private func waitForCheck() {
        usleep(20_000)
    }

    /// How far the process's clock is ahead of the same clock here, in seconds.
    func difference(_ clock: String, from id: clockid_t) throws -> Double {
        let here = timespec.now(id)
        return Double(try self.tell(clock).nanoseconds - here) / 1e9
    }

    /// What the process is told by a clock or function, and its `errno` after the call; it was 77 before.
    func tell(_ clock: String) throws -> (nanoseconds: Int64, error: Int32) {
        try self.input.fileHandleForWriting.write(contentsOf: Data("\(clock)\n".utf8))
        var answer = Data()
        while answer.last != UInt8(ascii: "\n") {
            guard let byte = try self.output.fileHandleForReading.read(upToCount: 1), !byte.isEmpty else {
                throw NoAnswer()
            }
            answer += byte
        }
        let words = String(decoding: answer, as: UTF8.self).split(whereSeparator: \.isWhitespace)
        guard words.count == 2, let time = Int64(words[0]), let error = Int32(words[1]) else { throw NoAnswer() }
        return (time, error)
    }

    /// A file that the build has put beside the tests.
    private static func product(_ name: String) -> URL {
        var folder = URL(fileURLWithPath: CommandLine.arguments[0]).deletingLastPathComponent()
        while !FileManager.default.fileExists(atPath: folder.appending(path: name).path), folder.path != "/" {
            folder.deleteLastPathComponent()
        }
        return folder.appending(path: name)
    }
}

extension timespec {
    /// A clock of this process, in nanoseconds.
    fileprivate static func now(_ clock: clockid_t) -> Int64 {
        var time = timespec()
        clock_gettime(clock, &time)
        return Int64(time.tv_sec) * 1_000_000_000 + Int64(time.tv_nsec)
    }
}
