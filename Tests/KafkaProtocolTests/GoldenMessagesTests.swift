import Foundation
import KafkaPrimitives
import KafkaProtocol
import MessageSchemaTestSupport
import Testing

@Suite("Requests, responses and headers as Kafka encodes them")
struct GoldenMessagesTests {
    private static func response<Request: KafkaRequest>(of request: Request.Type) -> any KafkaMessage.Type {
        Request.Response.self
    }

    private static func failures(of type: any KafkaMessage.Type) throws -> [String] {
        let folder = try #require(Bundle.module.resourceURL).appending(path: "Golden")
        return try GoldenFile(contentsOf: folder.appending(path: "\(type).golden")).failures(of: type)
    }

    @Test("every version of every request is read and written as Kafka does")
    func requests() throws {
        let failures = try APITable.requestTypes.flatMap { try Self.failures(of: $0) }
        #expect(failures == [])
    }

    @Test("every version of every response is read and written as Kafka does")
    func responses() throws {
        let failures = try APITable.requestTypes.flatMap { try Self.failures(of: Self.response(of: $0)) }
        #expect(failures == [])
    }

    @Test("headers are read and written as Kafka does")
    func headers() throws {
        let failures = try Self.failures(of: RequestHeader.self) + Self.failures(of: ResponseHeader.self)
        #expect(failures == [])
    }
}
