import ApusCore
import CommandLineArguments
import KafkaPrimitives
import KafkaRecords
import KafkaStoredMessages

extension LogDump {
    /// Reads, checks and shows the records of a batch.
    mutating func records(_ batch: RecordBatchView, at position: Int64, _ report: inout DumpReport) {
        let header = batch.header
        var last: Offset?
        do throws(RecordError) {
            var records = try RecordIterator(batch, scratch: self.scratch)
            while let record = try records.next() {
                if record.offset < header.baseOffset || record.offset > header.lastOffset
                    || record.offset <= last ?? .unknown
                {
                    report.problem(
                        at: position,
                        "the record with offset \(record.offset) is out of order in the batch of offsets "
                            + "\(header.baseOffset) to \(header.lastOffset)")
                }
                if record.timestamp > header.maxTimestamp {
                    report.problem(
                        at: position,
                        "the record with offset \(record.offset) has time \(record.timestamp), later than the batch's "
                            + "\(header.maxTimestamp)")
                }
                last = record.offset
                self.record(record, header, at: position, &report)
            }
        } catch {
            report.problem(at: position, "records cannot be read: \(error.message)")
        }
    }

    private mutating func record(
        _ record: Record, _ header: RecordBatchHeader, at position: Int64, _ report: inout DumpReport
    ) {
        let front: [DumpField] = [
            .number("offset", record.offset), .time("timestamp", title: "time", record.timestamp),
        ]
        var fields: [DumpField] = []
        var kind = "record"
        if header.isControl {
            kind = "controlRecord"
            fields = self.control(record, at: position, &report)
        } else if self.isMetadata {
            kind = "metadataRecord"
            fields = self.metadata(record, at: position, &report)
        } else {
            fields = self.plain(record)
        }
        guard self.showsRecords, self.options.offsets.contains(record.offset) else { return }
        report.line(kind, indent: "  ", front + fields)
    }

    private func plain(_ record: Record) -> [DumpField] {
        let headers = record.headers.map { header in
            (
                json: JSONValue.object(["key": .string(header.name), "value": StoredBytes.json(header.value)]),
                cell: "\(header.name):\(StoredBytes.cell(header.value))"
            )
        }
        return [
            .hidden("sequence", .integer(Int64(record.sequence.rawValue))),
            DumpField("key", StoredBytes.json(record.key), cell: StoredBytes.cell(record.key)),
            DumpField("value", StoredBytes.json(record.value), cell: StoredBytes.cell(record.value)),
            DumpField(
                "headers", .array(headers.map(\.json)), cell: "[\(headers.map(\.cell).joined(separator: ","))]"),
        ]
    }

    private func metadata(_ record: Record, at position: Int64, _ report: inout DumpReport) -> [DumpField] {
        do throws(MetadataRecordError) {
            let decoded = try MetadataRecord(decoding: record.value ?? .empty)
            // The payload of the case is the message.
            let message = Mirror(reflecting: decoded).children.first.map { ReflectedValue.json($0.value) } ?? .null
            return [.text("record", decoded.name), DumpField("content", message)]
        } catch {
            report.problem(at: position, "the metadata record with offset \(record.offset) cannot be read: \(error)")
            return self.plain(record)
        }
    }

    private mutating func control(_ record: Record, at position: Int64, _ report: inout DumpReport) -> [DumpField] {
        guard let type = ControlRecordType(key: record.key ?? .empty) else {
            report.problem(at: position, "the control record with offset \(record.offset) is of an unknown type")
            return self.plain(record)
        }
        self.controlTypes.append(type)
        do throws(DecodeError) {
            let content = try Self.content(of: type, record.value ?? .empty)
            return [.text("record", "\(type)"), DumpField("content", content)]
        } catch {
            report.problem(at: position, "the \(type) record with offset \(record.offset) cannot be read: \(error)")
            return self.plain(record)
        }
    }

    /// The value of a control record; the version that it is written in is its first field.
    private static func content(
        of type: ControlRecordType, _ value: ByteSlice
    ) throws(DecodeError) -> JSONValue {
        var reader = ByteReader(value)
        let stored = try reader.readInt16()
        func version(_ known: ClosedRange<Int16>) -> Int16 { min(max(stored, known.lowerBound), known.upperBound) }
        switch type {
        case .abort, .commit:
            // The version is not a field of this message.
            return ReflectedValue.json(try EndTxnMarker(from: &reader, version: version(EndTxnMarker.validVersions)))
        case .leaderChange:
            return try self.message(LeaderChangeMessage.self, value, version(LeaderChangeMessage.validVersions))
        case .snapshotHeader:
            return try self.message(SnapshotHeaderRecord.self, value, version(SnapshotHeaderRecord.validVersions))
        case .snapshotFooter:
            return try self.message(SnapshotFooterRecord.self, value, version(SnapshotFooterRecord.validVersions))
        case .kraftVersion:
            return try self.message(KRaftVersionRecord.self, value, version(KRaftVersionRecord.validVersions))
        case .kraftVoters:
            return try self.message(VotersRecord.self, value, version(VotersRecord.validVersions))
        }
    }

    private static func message<Message: KafkaMessage>(
        _ type: Message.Type, _ value: ByteSlice, _ version: Int16
    ) throws(DecodeError) -> JSONValue {
        var reader = ByteReader(value)
        return ReflectedValue.json(try Message(from: &reader, version: version))
    }
}
