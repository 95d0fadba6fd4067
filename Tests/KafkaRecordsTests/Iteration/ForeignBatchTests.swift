import ApusCore
import KafkaPrimitives
import KafkaRecords
import Testing

/// What other producers wrote is read, judged, and survives any damage as an error.
@Suite("Batches of other producers")
struct ForeignBatchTests {
    static let libraries = ["librdkafka", "kafkapython", "aiokafka", "java"]

    private func expected(nullHeaders: Bool) -> [PlainRecord] {
        (0..<40).map { index in
            PlainRecord(
                offset: Int64(index), timestamp: 1_700_000_000_000 + Int64(index * 10 - (index % 2) * 5),
                key: index % 4 == 0 ? nil : "key-\(index)",
                value: index % 7 == 6 && index % 4 != 0
                    ? nil : String(repeating: "value-\(index)-", count: 1 + index % 5),
                headers: index % 3 != 0 ? [] : ["h=x\(index)", "empty=", nullHeaders ? "null=null" : "null="])
        }
    }

    @Test("are read record by record", arguments: Self.libraries, CompressionCodec.allCases)
    func read(library: String, codec: CompressionCodec) throws {
        let bytes = try Golden.bytes("\(library)-\(codec.name).log")
        let records = try PlainRecord.all(in: bytes, scratch: CompressionScratch())
        #expect(records == self.expected(nullHeaders: library == "librdkafka" || library == "java"))
        let batches = RecordBatchSequence(bytes)
        #expect(batches.completeByteCount == bytes.count)
        #expect(batches.allSatisfy { $0.hasValidChecksum && $0.header.compression == codec })
    }

    @Test("are accepted as they came", arguments: Self.libraries, CompressionCodec.allCases)
    func accepted(library: String, codec: CompressionCodec) throws {
        let scratch = CompressionScratch()
        let validator = BatchValidator(rules: TopicRecordRules())
        let stored = try Golden.bytes("\(library)-\(codec.name).log")
        for batch in RecordBatchSequence(stored) {
            // The broker had put offset and epoch in; a client sends 0 and -1.
            var front = [UInt8](repeating: 0, count: RecordBatchHeader.size)
            let produced = HeaderPatch(baseOffset: 0, leaderEpoch: -1)
            front.withUnsafeMutableBytes { produced.write(for: batch, to: $0.baseAddress!) }
            let sent = ByteSlice(front + batch.records.array)
            let verdict = try validator.validate(
                produced: sent, version: 11, now: batch.header.maxTimestamp, scratch: scratch)
            guard case .append(let accepted) = verdict else {
                Issue.record("\(verdict)")
                continue
            }
            let patch = accepted.patch(baseOffset: batch.header.baseOffset, leaderEpoch: batch.header.leaderEpoch)
            #expect(patch.header(for: accepted.batch) == batch.header)
        }
    }

    @Test("damaged anywhere, yield an error or other records, never a crash", arguments: Self.libraries)
    func damaged(library: String) throws {
        let scratch = CompressionScratch()
        for codec in CompressionCodec.allCases {
            let original = try Golden.bytes("\(library)-\(codec.name).log").array
            var random = SeededRandom(seed: UInt64(original.count))
            for position in 0..<original.count {
                var flipped = original
                flipped[position] ^= 1 << UInt8.random(in: 0..<8, using: &random)
                self.readWhatIsThere(ByteSlice(flipped), scratch: scratch)
                self.readWhatIsThere(ByteSlice(Array(original[..<position])), scratch: scratch)
            }
        }
    }

    /// Reads on without regard to checksums, as far as it goes.
    private func readWhatIsThere(_ bytes: ByteSlice, scratch: CompressionScratch) {
        var scanner = LogEntryScanner(bytes)
        do {
            while case .batch(let batch) = try scanner.next() {
                #expect(scanner.position <= bytes.count)
                let inspected = try? BatchValidator(rules: TopicRecordRules(), origin: .coordinator).validate(
                    Self.sealed(batch), now: 1_700_000_000_000, scratch: scratch)
                if case .append(let accepted) = inspected { #expect(accepted.batch.sizeInBytes == batch.sizeInBytes) }
                var iterator = try RecordIterator(batch, scratch: scratch, limit: 1 << 20)
                while let record = try iterator.next() { _ = record.headers.reduce(0) { $0 + $1.key.count } }
            }
        } catch {
            #expect(!error.message.isEmpty)
        }
    }

    /// The batch with a checksum that fits, so that damage gets past it.
    private static func sealed(_ batch: RecordBatchView) throws -> RecordBatchView {
        var header = batch.header
        header.crc = batch.computedChecksum()
        var front = [UInt8](repeating: 0, count: RecordBatchHeader.size)
        front.withUnsafeMutableBytes { buffer in
            if let start = buffer.baseAddress { header.write(to: start) }
        }
        return try RecordBatchView(at: ByteSlice(front + batch.records.array))
    }

    @Test("tell transactions and their markers")
    func transactions() throws {
        let scratch = CompressionScratch()
        var markers: [ControlRecordType?] = []
        var transactional = 0
        for name in ["java-transactions-0.log", "java-transactions-6.log"] {
            for batch in RecordBatchSequence(try Golden.bytes(name)) {
                if batch.header.isTransactional { transactional += 1 }
                guard batch.header.isControl else { continue }
                var iterator = try RecordIterator(batch, scratch: scratch)
                while let record = try iterator.next() {
                    markers.append(record.key.flatMap { ControlRecordType(key: $0) })
                    #expect(try EndTransactionMarker(reading: record.value ?? .empty).coordinatorEpoch == 0)
                }
            }
        }
        #expect(markers == [.commit, .abort, .abort])
        #expect(transactional == 7)
    }
}
