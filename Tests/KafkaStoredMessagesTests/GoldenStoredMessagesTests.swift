import Foundation
import KafkaPrimitives
import KafkaStoredMessages
import MessageSchemaTestSupport
import Testing

@Suite("Stored messages as Kafka encodes them")
struct GoldenStoredMessagesTests {
    /// What no server that the samples come from knows.
    private static let withoutSample: Set<String> = ["UnregisterControllerRecord"]

    @Test("every version of every stored message is read and written as Kafka does")
    func messages() throws {
        let folder = try #require(Bundle.module.resourceURL).appending(path: "Golden")
        for type in StoredMessages.types where !Self.withoutSample.contains("\(type)") {
            let file = try GoldenFile(contentsOf: folder.appending(path: "\(type).golden"))
            #expect(file.failures(of: type) == [])
        }
    }
}
