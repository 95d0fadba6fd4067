import Commands
import Foundation
import Synchronization
import Testing

@Suite("apus chaos report")
struct ChaosPageTests {
    private static func result(_ scenario: String, _ cluster: String) -> String {
        let percentiles = #"{"count":0,"p50":0,"p90":0,"p99":0,"max":0}"#
        return """
            {"formatVersion":1,"scenario":"\(scenario)","summary":"A test.","cluster":"\(cluster)","program":"/bin/x",
            "startedAt":"2026-01-01T00:00:00Z","seconds":2,"workloadSeconds":1,"nodes":[],"partitions":[],"faults":[],
            "samples":[],"pauses":[],"recoveries":[],"workload":{"sent":0,"acknowledged":0,"refused":0,"unknown":0,
            "received":0,"found":0,"clientErrors":0,"latency":\(percentiles)},"anomalies":[],"expectations":[],"notes":[]}
            """
    }

    /// The exit status, what was complained about, and the page.
    private static func run(_ results: [String]) throws -> (status: Int32, errors: String, page: String?) {
        let folder = FileManager.default.temporaryDirectory.appending(path: "chaos-page-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        var files: [String] = []
        for (index, result) in results.enumerated() {
            files.append(folder.appending(path: "\(index).json").path)
            try result.write(toFile: files[index], atomically: true, encoding: .utf8)
        }
        let errors = Mutex("")
        let terminal = Terminal(output: { _ in }, errors: { text in errors.withLock { $0 += text } })
        let output = folder.appending(path: "page.html").path
        let status = ApusProgram.run(["chaos", "report"] + files + ["-o", output], terminal: terminal)
        let page = FileManager.default.contents(atPath: output).map { String(decoding: $0, as: UTF8.self) }
        return (status, errors.withLock { $0 }, page)
    }

    @Test("writes a page about two runs of a scenario")
    func page() throws {
        let outcome = try Self.run([Self.result("kills", "ours"), Self.result("kills", "kafka")])
        #expect(outcome.status == 0)
        #expect(outcome.errors == "")
        let page = try #require(outcome.page)
        #expect(page.contains("Apus: ") && page.contains("Apache Kafka: "))
    }

    @Test("refuses what cannot be compared, and what is no result")
    func refused() throws {
        let mixed = try Self.run([Self.result("kills", "ours"), Self.result("cuts", "ours")])
        #expect(mixed.status == 1)
        #expect(mixed.errors.contains("different scenarios"))
        #expect(mixed.page == nil)
        let damaged = try Self.run(["{}"])
        #expect(damaged.status == 1)
        #expect(damaged.errors.contains("not a result of this version"))
    }
}
