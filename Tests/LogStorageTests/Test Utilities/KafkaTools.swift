import Foundation

/// Apache Kafka's own tools, where they are beside the repository or one of its work trees: `shared/kafka`.
enum KafkaTools {
    static let path: String? = {
        var folder = URL(filePath: #filePath)
        while folder.path != "/" {
            folder = folder.deletingLastPathComponent()
            let tool = folder.appending(path: "shared/kafka/bin/kafka").path
            if FileManager.default.isExecutableFile(atPath: tool) { return tool }
        }
        return nil
    }()

    /// Why a test that needs the tools is skipped.
    static let absence = "Kafka's tools are not here: ../shared/kafka"

    /// What a tool writes to both outputs.
    static func run(_ arguments: [String]) throws -> String {
        let process = Process()
        process.executableURL = URL(filePath: self.path ?? "")
        process.arguments = arguments
        process.environment = ProcessInfo.processInfo.environment.merging(
            ["KAFKA_HEAP_OPTS": "-Xmx128m", "KAFKA_JIT": "1"], uniquingKeysWith: { $1 })
        let pipe = Pipe()
        process.standardOutput = pipe
        process.standardError = pipe
        try process.run()
        let output = pipe.fileHandleForReading.readDataToEndOfFile()
        process.waitUntilExit()
        return String(decoding: output, as: UTF8.self) + "exit \(process.terminationStatus)"
    }
}

/// A folder for one test, removed when the test is over.
final class TemporaryFolder {
    let path: String

    init() throws {
        let url = FileManager.default.temporaryDirectory.appending(path: "apus-log-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
        self.path = url.path
    }

    /// A copy of a folder of the fixtures.
    @discardableResult
    func copy(fixture name: String, as folder: String = "orders-0") throws -> String {
        let source = try Self.fixture(name)
        let target = "\(self.path)/\(folder)"
        try FileManager.default.copyItem(atPath: source, toPath: target)
        return target
    }

    private struct NoFixtures: Error {}

    static func fixture(_ name: String) throws -> String {
        guard let fixtures = Bundle.module.resourceURL?.appending(path: "Fixtures") else { throw NoFixtures() }
        return fixtures.appending(path: name).path
    }

    deinit {
        do {
            try FileManager.default.removeItem(atPath: self.path)
        } catch {
            print("left behind: \(self.path)")
        }
    }
}
