import ApusCore
import Foundation
import Telemetry
import Testing

@Suite("Lines of the log")
struct LogLineTests {
    private static func line(_ fields: LogFields, time: Timestamp = 1_795_258_800_123) -> LogLine {
        LogLine(time: time, level: .info, subsystem: "raft", event: "elected", fields: fields)
    }

    @Test("a line of text states time, level, subsystem, event and fields")
    func text() {
        let line = Self.line(["epoch": 3, "leader": "node 1", "ratio": 0.5, "unclean": false, "empty": ""])
        let expected =
            "2026-11-21T11:00:00.123Z INFO raft elected epoch=3 leader=\"node 1\" ratio=0.5 unclean=false empty=\"\"\n"
        #expect(String(decoding: line.bytes(.text), as: UTF8.self) == expected)
    }

    @Test("nobody can forge a line")
    func escapes() {
        let line = Self.line(["client": "a\nb \"c\" \\ \u{1}\r\t"])
        let text = String(decoding: line.bytes(.text), as: UTF8.self)
        #expect(text.hasSuffix("client=\"a\\nb \\\"c\\\" \\\\ \\u0001\\r\\t\"\n"))
        #expect(text.filter { $0 == "\n" }.count == 1)
    }

    @Test("a line of JSON says the same")
    func json() throws {
        let line = Self.line(["epoch": 3, "client": "a\n\"b\"", "ratio": 0.5, "big": .double(.infinity), "ok": true])
        struct Object: Decodable, Equatable {
            var time, level, subsystem, event, client, big: String
            var epoch: Int
            var ratio: Double
            var ok: Bool
        }
        #expect(
            try JSONDecoder().decode(Object.self, from: Data(line.bytes(.json)))
                == Object(
                    time: "2026-11-21T11:00:00.123Z", level: "info", subsystem: "raft", event: "elected",
                    client: "a\n\"b\"", big: "inf", epoch: 3, ratio: 0.5, ok: true))
    }

    @Test("a long value is cut at a character, and fields that do not fit are left out", arguments: LogFormat.allCases)
    func limit(format: LogFormat) throws {
        let long = String(repeating: "é", count: 5000)
        let bytes = Self.line(["a": "\(long)", "b": "\(long)", "c": "\(long)", "d": 1]).bytes(format)
        #expect(bytes.count <= LogLine.bytesMax)
        let text = try #require(String(validating: bytes, as: UTF8.self))
        #expect(text.contains("é..."))
        #expect(text.contains("d") && !text.contains("c="))
        if format == .json {
            let object = try JSONSerialization.jsonObject(with: Data(bytes)) as? [String: Any]
            #expect(object?.keys.sorted() == ["a", "d", "event", "level", "subsystem", "time"])
        }
    }

    @Test(
        "a timestamp is shown in UTC",
        arguments: [
            (0, "1970-01-01T00:00:00.000Z"), (-1, "1969-12-31T23:59:59.999Z"),
            (951_782_400_000, "2000-02-29T00:00:00.000Z"), (4_102_444_799_999, "2099-12-31T23:59:59.999Z"),
            (1_709_251_199_000, "2024-02-29T23:59:59.000Z"), (1_709_251_200_000, "2024-03-01T00:00:00.000Z"),
        ])
    func time(milliseconds: Int64, text: String) {
        #expect(UTCTime(Timestamp(milliseconds)).description == text)
    }
}
