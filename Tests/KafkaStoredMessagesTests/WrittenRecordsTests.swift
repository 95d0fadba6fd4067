import Foundation
import KafkaPrimitives
import KafkaStoredMessages
import MessageSchema
import MessageSchemaTestSupport
import Testing

@Suite("Records that a Kafka node wrote")
struct WrittenRecordsTests {
    private static func lines(of file: String) throws -> [[Substring]] {
        let folder = try #require(Bundle.module.resourceURL).appending(path: "Golden")
        let text = try String(contentsOf: folder.appending(path: file), encoding: .utf8)
        return text.split(separator: "\n").filter { !$0.hasPrefix("#") }.map { $0.split(separator: "\t") }
    }

    @Test("records of the metadata log are read, and written the same at the level they were written for")
    func metadataLog() throws {
        let lines = try Self.lines(of: "metadata-log.records")
        #expect(lines.count > 40)
        for line in lines {
            let bytes = try #require(ByteSlice(hex: line[0]))
            let record = try MetadataRecord(decoding: bytes)
            var writer = ByteWriter()
            record.encode(into: &writer, metadataVersion: 30)
            #expect(writer.finish().array == bytes.array, "\(record)")
        }
    }

    @Test(
        "keys and values of the coordinators' topics are read and written the same",
        arguments: ["group", "transaction"])
    func coordinatorLogs(topic: String) throws {
        let layouts = try SchemaLayouts.layouts(
            of: "KafkaStoredMessages", packageAt: SchemaLayouts.packageRoot(of: #filePath))
        let types = Dictionary(uniqueKeysWithValues: StoredMessages.types.map { ("\($0)", $0) })
        // Each topic numbers its types by itself.
        let keys = layouts.values.map(\.message).filter { message in
            let isGroup = !["TransactionLogKey", "ShareSnapshotKey", "ShareUpdateKey"].contains(message.name)
            guard message.kind == .coordinatorKey else { return false }
            return topic == "group" ? isGroup : message.name == "TransactionLogKey"
        }
        let lines = try Self.lines(of: "\(topic)-log.records")
        #expect(lines.count >= 5)
        for line in lines {
            let key = try #require(ByteSlice(hex: line[0]))
            var reader = ByteReader(key)
            let number = try reader.readInt16()
            let message = try #require(keys.first { $0.key == number })
            let keyType = try #require(types[message.name])
            #expect(try Self.rewritten(keyType, reader.rest, version: 0).array == reader.rest.array)
            if line[1] == "-" { continue }
            var valueReader = ByteReader(try #require(ByteSlice(hex: line[1])))
            let version = try valueReader.readInt16()
            let valueType = try #require(types[message.name.dropLast(3) + "Value"])
            let value = valueReader.rest
            #expect(try Self.rewritten(valueType, value, version: version).array == value.array, "\(valueType)")
        }
    }

    private static func rewritten<Message: KafkaMessage>(
        _ type: Message.Type, _ bytes: ByteSlice, version: Int16
    ) throws -> ByteSlice {
        try Message(decoding: bytes, version: version).encoded(version: version)
    }
}
