import Foundation
import Telemetry
import Testing

@Suite("The log")
struct LogSinkTests {
    @Test("only what reaches the level of its subsystem is written, and only that is worked out")
    func levels() throws {
        let pipe = Pipe()
        let levels = try LogLevels(parsing: "warn,raft=debug")
        let sink = LogSink(descriptor: pipe.fileHandleForWriting.fileDescriptor, levels: levels)
        func never() -> String {
            Issue.record("worked out a line that is not written")
            return ""
        }
        sink.logger("network").info("\(never())")
        sink.logger("network").warn("closed")
        sink.logger("raft").debug("vote")
        sink.logger("raft").trace("\(never())")
        Logger.disabled.error("\(never())")
        try pipe.fileHandleForWriting.close()
        let text = try #require(String(data: pipe.fileHandleForReading.readToEnd() ?? Data(), encoding: .utf8))
        let lines = text.split(separator: "\n").map { $0.drop { $0 != " " }.dropFirst() }
        #expect(lines == ["WARN network closed", "DEBUG raft vote"])
    }

    @Test("a full pipe costs lines, not time, and their number is told with the next line")
    func fullPipe() throws {
        let pipe = Pipe()
        let sink = LogSink(descriptor: pipe.fileHandleForWriting.fileDescriptor)
        let logger = sink.logger("network")
        let filler = String(repeating: "x", count: 1500)
        while sink.lostLines == 0 { logger.info("filled", ["with": "\(filler)", "and": "\(filler)"]) }
        logger.info("filled")
        let lost = sink.lostLines
        #expect(lost >= 1)
        _ = pipe.fileHandleForReading.availableData
        logger.info("drained")
        #expect(sink.lostLines == 0)
        try pipe.fileHandleForWriting.close()
        let text = String(data: try pipe.fileHandleForReading.readToEnd() ?? Data(), encoding: .utf8)
        #expect(text?.hasSuffix("INFO network drained lost_lines=\(lost)\n") == true)
    }

    @Test("threads do not mix their lines")
    func threads() async throws {
        let url = FileManager.default.temporaryDirectory.appendingPathComponent("apus-log-\(UUID().uuidString)")
        try Data().write(to: url)
        defer { unlink(url.path) }
        let file = try FileHandle(forWritingTo: url)
        let sink = LogSink(descriptor: file.fileDescriptor)
        await withTaskGroup(of: Void.self) { group in
            for writer in 0..<4 {
                group.addTask {
                    let logger = sink.logger("s\(writer)")
                    for index in 0..<250 { logger.info("wrote", ["index": LogValue(index)]) }
                }
            }
        }
        let lines = try String(contentsOf: url, encoding: .utf8).split(separator: "\n")
        let facts = lines.map { $0.drop { $0 != " " } }.sorted()
        let expected = (0..<4).flatMap { writer in (0..<250).map { " INFO s\(writer) wrote index=\($0)" } }
        #expect(facts.map(String.init) == expected.sorted())
    }

    @Test("levels that cannot be read are named", arguments: ["", "loud", "info,", "=debug", "raft="])
    func malformed(text: String) {
        #expect(throws: LogLevels.Malformed.self) { try LogLevels(parsing: text) }
    }

    @Test("levels are read in any case")
    func parsing() throws {
        #expect(try LogLevels(parsing: "INFO,raft=Debug") == LogLevels(.info, bySubsystem: ["raft": .debug]))
    }
}
