import ApusCore
import KafkaPrimitives
import KafkaRecords

/// A record by value, to compare.
struct PlainRecord: Equatable {
    var offset: Int64
    var timestamp: Int64
    var key: String?
    var value: String?
    var headers: [String] = []

    init(offset: Int64, timestamp: Int64, key: String?, value: String?, headers: [String] = []) {
        self.offset = offset
        self.timestamp = timestamp
        self.key = key
        self.value = value
        self.headers = headers
    }

    init(_ record: Record) {
        self.offset = record.offset.rawValue
        self.timestamp = record.timestamp.rawValue
        self.key = record.key.map { String(decoding: $0.array, as: UTF8.self) }
        self.value = record.value.map { String(decoding: $0.array, as: UTF8.self) }
        self.headers = record.headers.map { header in
            header.name + "=" + (header.value.map { String(decoding: $0.array, as: UTF8.self) } ?? "null")
        }
    }

    /// Everything in `bytes`, batch after batch.
    static func all(in bytes: ByteSlice, scratch: CompressionScratch) throws -> [PlainRecord] {
        var records: [PlainRecord] = []
        for batch in RecordBatchSequence(bytes) {
            var iterator = try RecordIterator(batch, scratch: scratch)
            while let record = try iterator.next() { records.append(PlainRecord(record)) }
        }
        return records
    }
}
