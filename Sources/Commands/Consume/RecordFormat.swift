import ApusCore
import KafkaPrimitives
import KafkaRecords

/// How a record is printed: the properties of Kafka's console consumer.
struct RecordFormat: Hashable, Sendable {
    var printsKey = false
    var printsValue = true
    var printsPartition = false
    var printsOffset = false
    var printsTimestamp = false
    var printsHeaders = false
    var fieldSeparator = "\t"
    var lineSeparator = "\n"

    init(properties: [String]) throws(CommandFailure) {
        for property in properties {
            let parts = property.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
            guard parts.count == 2 else { throw CommandFailure("--property \(property) is not NAME=VALUE") }
            let isTrue = parts[1] == "true"
            switch parts[0] {
            case "print.key": self.printsKey = isTrue
            case "print.value": self.printsValue = isTrue
            case "print.partition": self.printsPartition = isTrue
            case "print.offset": self.printsOffset = isTrue
            case "print.timestamp": self.printsTimestamp = isTrue
            case "print.headers": self.printsHeaders = isTrue
            case "key.separator": self.fieldSeparator = parts[1]
            case "line.separator": self.lineSeparator = parts[1]
            default: throw CommandFailure("--property \(parts[0]) is not known")
            }
        }
    }

    /// The order of Kafka's `DefaultMessageFormatter`.
    func text(_ record: Record, partition: PartitionIndex, type: TimestampType) -> String {
        var fields: [String] = []
        if self.printsTimestamp {
            let name = type == .createTime ? "CreateTime" : "LogAppendTime"
            fields.append(record.timestamp == .none ? "NO_TIMESTAMP" : "\(name):\(record.timestamp)")
        }
        if self.printsPartition { fields.append("Partition:\(partition)") }
        if self.printsOffset { fields.append("Offset:\(record.offset)") }
        if self.printsHeaders {
            let headers = record.headers.map { "\($0.name):\(Self.text($0.value))" }
            fields.append(headers.isEmpty ? "NO_HEADERS" : headers.joined(separator: ","))
        }
        if self.printsKey { fields.append(Self.text(record.key)) }
        if self.printsValue { fields.append(Self.text(record.value)) }
        return fields.joined(separator: self.fieldSeparator) + self.lineSeparator
    }

    private static func text(_ bytes: ByteSlice?) -> String {
        bytes.map { $0.withUnsafeBytes { String(decoding: $0, as: UTF8.self) } } ?? "null"
    }
}
