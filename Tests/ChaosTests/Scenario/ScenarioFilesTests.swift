import ApusCore
import Chaos
import Foundation
import Testing

/// The scenarios in `chaos/` at the root of the repository.
enum ScenarioFiles {
    static let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent().deletingLastPathComponent().appendingPathComponent("chaos").path

    static func all() throws -> [String] {
        try FileManager.default.contentsOfDirectory(atPath: Self.folder).filter { $0.hasSuffix(".yaml") }.sorted()
    }
}

@Suite("The scenarios of the repository")
struct ScenarioFilesTests {
    @Test("can be read, and end within 90 seconds")
    func read() throws {
        let files = try ScenarioFiles.all()
        #expect(files.count >= 1)
        for file in files {
            let scenario = try ScenarioReader.read(path: "\(ScenarioFiles.folder)/\(file)")
            let length = scenario.workload.warmUp.milliseconds + scenario.workload.duration.milliseconds
            #expect(length <= 60_000, "\(file)")
            #expect(scenario.name + ".yaml" == file)
        }
    }
}
