import ApusCore
import KafkaPrimitives
import KafkaRecords
import KafkaStoredMessages

/// A snapshot of the metadata log in memory, small enough to be written at once.
struct SnapshotBytes {
    private(set) var bytes: [UInt8] = []
    private var nextOffset: Offset = 0
    private let now: Timestamp
    private let scratch = CompressionScratch()

    init(now: Timestamp) {
        self.now = now
    }

    /// The control batch at the front; in the snapshot of a dynamic quorum it also holds the voters.
    mutating func appendHeader(lastContained: Timestamp, voters: VotersRecord? = nil) {
        var header = SnapshotHeaderRecord()
        header.lastContainedLogTimestamp = lastContained
        var batch = self.builder(isControl: true)
        batch.append(control: .snapshotHeader, value: Self.encoded(header), timestamp: self.now)
        if let voters {
            var version = KRaftVersionRecord()
            version.kRaftVersion = 1
            batch.append(control: .kraftVersion, value: Self.encoded(version), timestamp: self.now)
            batch.append(control: .kraftVoters, value: Self.encoded(voters), timestamp: self.now)
        }
        self.add(batch)
    }

    mutating func append(_ records: [MetadataRecord]) {
        guard !records.isEmpty else { return }
        var batch = self.builder(isControl: false)
        for record in records {
            var writer = ByteWriter()
            record.encode(into: &writer, version: 0)
            batch.append(timestamp: self.now, key: nil, value: writer.finish())
        }
        self.add(batch)
    }

    /// The control batch at the end.
    mutating func appendFooter() {
        var batch = self.builder(isControl: true)
        batch.append(control: .snapshotFooter, value: Self.encoded(SnapshotFooterRecord()), timestamp: self.now)
        self.add(batch)
    }

    /// The metadata records of a snapshot.
    static func records(in bytes: ByteSlice) throws(StorageFormatError) -> [MetadataRecord] {
        var records: [MetadataRecord] = []
        var isComplete = false
        do {
            var scanner = LogEntryScanner(bytes)
            let scratch = CompressionScratch()
            while case .batch(let batch)? = try scanner.next() {
                guard batch.hasValidChecksum else { throw Self.damaged("the checksum of a batch is wrong") }
                var iterator = try RecordIterator(batch, scratch: scratch, limit: BootstrapCheckpoint.bytesMax)
                while let record = try iterator.next() {
                    if batch.header.isControl {
                        isComplete = record.key.flatMap(ControlRecordType.init) == .snapshotFooter
                    } else {
                        guard let value = record.value else { throw Self.damaged("a record has no value") }
                        records.append(try MetadataRecord(decoding: value))
                    }
                }
            }
            guard scanner.position == bytes.count else { throw Self.damaged("bytes are left after the last batch") }
        } catch let error as StorageFormatError {
            throw error
        } catch {
            throw Self.damaged("\(error)")
        }
        guard isComplete else { throw Self.damaged("it has no end") }
        return records
    }

    private static func damaged(_ reason: String) -> StorageFormatError {
        StorageFormatError(.malformedCheckpoint, "the snapshot is damaged: \(reason)")
    }

    private func builder(isControl: Bool) -> RecordBatchBuilder {
        var options = RecordBatchBuilder.Options()
        options.baseOffset = self.nextOffset
        options.leaderEpoch = 0
        options.isControl = isControl
        return RecordBatchBuilder(options)
    }

    private mutating func add(_ batch: consuming RecordBatchBuilder) {
        self.nextOffset = batch.nextOffset
        do {
            guard let encoded = try batch.finish(scratch: self.scratch) else {
                preconditionFailure("a batch of a snapshot has records")
            }
            self.bytes += encoded.array
        } catch {
            preconditionFailure("a batch without compression cannot fail: \(error)")
        }
    }

    private static func encoded(_ message: some KafkaMessage) -> ByteSlice {
        var writer = ByteWriter()
        message.encode(into: &writer, version: 0)
        return writer.finish()
    }
}
