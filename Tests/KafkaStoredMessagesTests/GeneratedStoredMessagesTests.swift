import KafkaPrimitives
import KafkaStoredMessages
import MessageSchema
import MessageSchemaTestSupport
import Testing

@Suite("Generated stored messages")
struct GeneratedStoredMessagesTests {
    private static let seed: UInt64 = 20_261_122

    private static func layouts() throws -> [String: MessageLayout] {
        try SchemaLayouts.layouts(of: "KafkaStoredMessages", packageAt: SchemaLayouts.packageRoot(of: #filePath))
    }

    @Test("every schema has its type and every type its schema")
    func complete() throws {
        #expect(StoredMessages.types.map { "\($0)" } == (try Self.layouts().keys.sorted()))
    }

    @Test("every version of every message reads what the schema says and writes it back")
    func roundTrips() throws {
        let layouts = try Self.layouts()
        for type in StoredMessages.types {
            let checks = MessageChecks(try #require(layouts["\(type)"]))
            let failures = checks.roundTrips(type, count: 20, seed: Self.seed)
            #expect(failures == [])
        }
    }

    @Test("a new message holds the defaults of the schema")
    func defaults() throws {
        let layouts = try Self.layouts()
        for type in StoredMessages.types {
            let checks = MessageChecks(try #require(layouts["\(type)"]))
            let failures = checks.defaults(type)
            #expect(failures == [])
        }
    }

    @Test("cut-off and damaged messages and unknown versions are refused or read, never a crash")
    func refusals() throws {
        let layouts = try Self.layouts()
        for type in StoredMessages.types {
            let checks = MessageChecks(try #require(layouts["\(type)"]))
            let failures = checks.refusals(type, seed: Self.seed)
            #expect(failures == [])
        }
    }
}
