import Foundation
import KafkaPrimitives
import KafkaProtocol
import MessageSchemaTestSupport
import Testing

@Suite("Frames between real clients and Kafka")
struct CapturedFramesTests {
    private struct Frame {
        var isRequest: Bool
        var key: APIKey
        var version: Int16
        var bytes: ByteSlice
    }

    private static func frames(of client: String) throws -> [Frame] {
        let folder = try #require(Bundle.module.resourceURL).appending(path: "Golden/Captures")
        let text = try String(contentsOf: folder.appending(path: "\(client).frames"), encoding: .utf8)
        return try text.split(separator: "\n").filter { !$0.hasPrefix("#") }.map { line in
            let parts = line.split(separator: "\t")
            return Frame(
                isRequest: parts[0] == "request", key: APIKey(rawValue: try #require(Int16(parts[1]))),
                version: try #require(Int16(parts[2])), bytes: try #require(ByteSlice(hex: parts[3])))
        }
    }

    /// The frame as we write what we read of it.
    private static func rewritten(_ frame: Frame) throws -> ByteSlice {
        func body<Request: KafkaRequest>(
            _ type: Request.Type, _ reader: inout ByteReader, _ writer: inout ByteWriter
        ) throws {
            if frame.isRequest {
                try Request(from: &reader, version: frame.version).encode(into: &writer, version: frame.version)
            } else {
                try Request.Response(from: &reader, version: frame.version)
                    .encode(into: &writer, version: frame.version)
            }
        }
        let type = try #require(APITable.requestTypes.first { $0.apiKey == frame.key })
        var reader = ByteReader(frame.bytes)
        var writer = ByteWriter()
        if frame.isRequest {
            let header = try RequestHeader(from: &reader)
            let version = APITable.requestHeaderVersion(for: header.apiKey, version: header.requestApiVersion)
            header.encode(into: &writer, version: version)
        } else {
            let version = APITable.responseHeaderVersion(for: frame.key, version: frame.version)
            try ResponseHeader(from: &reader, version: version).encode(into: &writer, version: version)
        }
        try body(type, &reader, &writer)
        try reader.expectEnd()
        return writer.finish()
    }

    @Test(
        "are read to their last byte and written back the same",
        arguments: ["librdkafka", "kafka-python", "aiokafka", "java-tools"])
    func frames(client: String) throws {
        let frames = try Self.frames(of: client)
        #expect(frames.count >= 30)
        for frame in frames {
            let label: Comment = "\(frame.isRequest ? "request" : "response") \(frame.key) v\(frame.version)"
            do {
                let rewritten = try Self.rewritten(frame)
                #expect(rewritten.array == frame.bytes.array, label)
            } catch {
                Issue.record(error, label)
            }
        }
    }
}
