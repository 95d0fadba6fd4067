import ApusCore
import Foundation
import KafkaPrimitives
import KafkaStoredMessages

/// A metadata log that Apache Kafka wrote, from a fixture.
struct KafkaLog {
    struct Entry {
        var baseOffset: Offset
        var offset: Offset
        var epoch: LeaderEpoch
        /// The value of the record with its frame.
        var bytes: [UInt8]
        var record: MetadataRecord
    }

    var entries: [Entry]

    static let names = ["kafka-4.3.1-three-nodes", "kafka-4.3.1-five-nodes-elr"]

    init(_ name: String) throws {
        let folder = Bundle.module.bundleURL.appendingPathComponent("Golden")
        let text = String(decoding: try Data(contentsOf: folder.appendingPathComponent("\(name).txt")), as: UTF8.self)
        self.entries = try text.split(separator: "\n").filter { !$0.hasPrefix("#") }.map { line in
            let fields = line.split(separator: " ")
            let digits = fields[3].utf8.map { UInt8($0 < 0x40 ? $0 - 0x30 : $0 - 0x57) }
            let bytes = stride(from: 0, to: digits.count, by: 2).map { digits[$0] << 4 | digits[$0 + 1] }
            return Entry(
                baseOffset: Offset(Int64(fields[0]) ?? -1), offset: Offset(Int64(fields[1]) ?? -1),
                epoch: LeaderEpoch(Int32(fields[2]) ?? -1), bytes: bytes,
                record: try MetadataRecord(decoding: ByteSlice(bytes)))
        }
    }
}
