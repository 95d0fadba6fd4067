import KafkaPrimitives
import KafkaProtocol
import MessageSchema
import MessageSchemaTestSupport
import Testing

@Suite("Generated requests, responses and headers")
struct GeneratedMessagesTests {
    private static let seed: UInt64 = 20_261_121

    private static func layouts() throws -> [String: MessageLayout] {
        try SchemaLayouts.layouts(of: "KafkaProtocol", packageAt: SchemaLayouts.packageRoot(of: #filePath))
    }

    /// The response of `request`, as a type.
    private static func response<Request: KafkaRequest>(of request: Request.Type) -> any KafkaMessage.Type {
        Request.Response.self
    }

    private static var types: [any KafkaMessage.Type] {
        let headers: [any KafkaMessage.Type] = [RequestHeader.self, ResponseHeader.self]
        return headers + APITable.requestTypes.flatMap { [$0 as any KafkaMessage.Type, self.response(of: $0)] }
    }

    @Test("every schema has its type and every type its schema")
    func complete() throws {
        #expect(Set(Self.types.map { "\($0)" }) == Set(try Self.layouts().keys))
    }

    @Test("every version of every message reads what the schema says and writes it back")
    func roundTrips() throws {
        let layouts = try Self.layouts()
        for type in Self.types {
            let checks = MessageChecks(try #require(layouts["\(type)"]))
            let failures = checks.roundTrips(type, count: 6, seed: Self.seed)
            #expect(failures == [])
        }
    }

    @Test("a new message holds the defaults of the schema")
    func defaults() throws {
        let layouts = try Self.layouts()
        for type in Self.types {
            let checks = MessageChecks(try #require(layouts["\(type)"]))
            let failures = checks.defaults(type)
            #expect(failures == [])
        }
    }

    @Test("cut-off and damaged messages and unknown versions are refused or read, never a crash")
    func refusals() throws {
        let layouts = try Self.layouts()
        for type in Self.types {
            let checks = MessageChecks(try #require(layouts["\(type)"]))
            let failures = checks.refusals(type, seed: Self.seed)
            #expect(failures == [])
        }
    }

    @Test("an array that claims more elements than the bytes left can hold is refused before memory is taken")
    func arrayCounts() {
        var writer = ByteWriter()
        // DeleteTopics v6: a compact array of topics, each at least 18 bytes.
        writer.writeUnsignedVarint(1000)
        writer.writeRaw(ByteSlice([UInt8](repeating: 0, count: 1000)))
        let bytes = writer.finish()
        #expect(throws: DecodeError(.truncated)) { _ = try DeleteTopicsRequest(decoding: bytes, version: 6) }
    }

    @Test("a field that may not be null is refused where it is")
    func nulls() {
        // Metadata v0 knows no null array of topics; v1 does.
        let null = ByteSlice([0xff, 0xff, 0xff, 0xff])
        #expect(throws: DecodeError(.unexpectedNull)) { _ = try MetadataRequest(decoding: null, version: 0) }
        #expect(throws: DecodeError(.truncated)) { _ = try MetadataRequest(decoding: null, version: 4) }
        var request = MetadataRequest()
        request.topics = nil
        #expect(request.encoded(version: 0).array == [0, 0, 0, 0])
        #expect(request.encoded(version: 1).array == [0xff, 0xff, 0xff, 0xff])
    }
}
