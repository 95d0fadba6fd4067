import Foundation
import Glibc

/// A folder under a disk at fault, a folder beside it, and a process that touches files in both.
final class ProbedDisk {
    /// What a call returned, and how long it took.
    struct Answer {
        var error: Int32
        var milliseconds: Int
    }

    struct NoAnswer: Error {}

    private let root: URL
    private let process = Process()
    private let input = Pipe()
    private let output = Pipe()

    /// With `hasControl` false, the process is started without the variables that the library reads.
    init(hasControl: Bool = true) throws {
        self.root = FileManager.default.temporaryDirectory.appending(path: "fault-disk-\(UUID().uuidString)")
        for folder in ["disk", "elsewhere"] {
            try FileManager.default.createDirectory(
                at: self.root.appending(path: folder), withIntermediateDirectories: true)
        }
        var environment = ProcessInfo.processInfo.environment
        environment["LD_PRELOAD"] = Self.product("libapus-fault-disk.so").path
        if hasControl {
            environment["APUS_FAULT_DISK"] = self.root.appending(path: "faults").path
            environment["APUS_FAULT_DISK_PREFIX"] = self.root.appending(path: "disk").path + "/"
        }
        self.process.environment = environment
        self.process.executableURL = Self.product("fault-disk-probe")
        self.process.standardInput = self.input
        self.process.standardOutput = self.output
        try self.process.run()
    }

    /// Ends the process and removes its files.
    func end() throws {
        try self.input.fileHandleForWriting.close()
        self.process.waitUntilExit()
        try FileManager.default.removeItem(at: self.root)
    }

    /// Asks for faults, and waits until the library must look at the file again.
    func ask(_ lines: String...) throws {
        let file = self.root.appending(path: "faults")
        try Data((lines.joined(separator: "\n") + "\n").utf8).write(to: file, options: .atomic)
        try self.waitForCheck()
    }

    func removeControl() throws {
        try FileManager.default.removeItem(at: self.root.appending(path: "faults"))
        try self.waitForCheck()
    }

    /// The library's own clock is real: between two looks at the file lie 10 ms.
    private func waitForCheck() throws {
        usleep(15_000)
    }

    func call(_ call: String, _ path: String = "disk/file", _ size: Int = 0) throws -> Answer {
        let line = "\(call) \(self.root.appending(path: path).path) \(size)\n"
        try self.input.fileHandleForWriting.write(contentsOf: Data(line.utf8))
        var answer = Data()
        while answer.last != UInt8(ascii: "\n") {
            guard let byte = try self.output.fileHandleForReading.read(upToCount: 1), !byte.isEmpty else {
                throw NoAnswer()
            }
            answer += byte
        }
        let words = String(decoding: answer, as: UTF8.self).split(whereSeparator: \.isWhitespace)
        guard words.count == 2, let error = Int32(words[0]), let milliseconds = Int(words[1]) else { throw NoAnswer() }
        return Answer(error: error, milliseconds: milliseconds)
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
