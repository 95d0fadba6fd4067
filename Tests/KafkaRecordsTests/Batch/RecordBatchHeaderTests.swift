import ApusCore
import KafkaPrimitives
import KafkaRecords
import Testing

@Suite("Record batch header")
struct RecordBatchHeaderTests {
    private let header = RecordBatchHeader(
        baseOffset: 1_234_567_890_123, batchLength: 49 + 5, leaderEpoch: 7, crc: 0xdead_beef,
        attributes: RecordBatchAttributes(compression: .zstd, isTransactional: true), lastOffsetDelta: 4,
        baseTimestamp: 1_700_000_000_000, maxTimestamp: 1_700_000_000_009, producerID: 99, producerEpoch: 3,
        baseSequence: SequenceNumber(.max - 1), recordCount: 5)

    private func bytes(of header: RecordBatchHeader, records: [UInt8]) -> [UInt8] {
        var bytes = [UInt8](repeating: 0, count: RecordBatchHeader.size)
        bytes.withUnsafeMutableBytes { buffer in
            if let start = buffer.baseAddress { header.write(to: start) }
        }
        return bytes + records
    }

    @Test("survives writing and reading")
    func roundTrip() throws {
        let bytes = self.bytes(of: self.header, records: [1, 2, 3, 4, 5])
        let batch = try RecordBatchView(at: ByteSlice(bytes + [0xff, 0xff]))
        #expect(batch.header == self.header)
        #expect(batch.sizeInBytes == 66)
        #expect(batch.records.array == [1, 2, 3, 4, 5])
    }

    @Test("tells the offsets and sequence numbers at its end")
    func ends() {
        #expect(self.header.lastOffset == 1_234_567_890_127)
        #expect(self.header.nextOffset == 1_234_567_890_128)
        #expect(self.header.lastSequence == 2)
        #expect(self.header.compression == .zstd)
        #expect(self.header.isTransactional)
        #expect(!self.header.isControl)
    }

    @Test("a scan stops at a truncated tail and knows how much was whole")
    func truncatedTail() throws {
        let one = self.bytes(of: self.header, records: [1, 2, 3, 4, 5])
        for kept in 0..<one.count {
            var scanner = LogEntryScanner(ByteSlice(one + one[..<kept]))
            guard case .batch = try scanner.next() else { throw RecordError(.corruptBatch, "no batch") }
            #expect(try scanner.next() == nil)
            #expect(scanner.position == one.count)
        }
        #expect(RecordBatchSequence(ByteSlice(one + one)).map(\.header) == [self.header, self.header])
    }

    @Test("a length too small for a header is damage")
    func shortLength() {
        var header = self.header
        header.batchLength = 48
        let bytes = ByteSlice(self.bytes(of: header, records: []))
        var scanner = LogEntryScanner(bytes)
        #expect(throws: RecordError(.corruptBatch, "")) { try scanner.next() }
        #expect(throws: RecordError(.corruptBatch, "")) { try RecordBatchView(at: bytes) }
    }

    @Test("messages of formats 0 and 1 are passed by their frame", arguments: [Int8(0), 1])
    func legacy(magic: Int8) throws {
        var writer = ByteWriter()
        writer.writeInt64(41)
        writer.writeInt32(22)
        writer.writeInt32(0)
        writer.writeInteger(magic)
        writer.writeInteger(UInt8(0))
        writer.writeInt64(1_500_000_000_000)
        writer.writeInt32(-1)
        writer.writeInt32(-1)
        var scanner = LogEntryScanner(writer.finish())
        guard case .legacy(let entry) = try scanner.next() else { throw RecordError(.corruptBatch, "not legacy") }
        #expect(entry.offset == 41)
        #expect(entry.magic == magic)
        #expect(entry.bytes.count == 34)
        #expect(entry.timestamp == (magic == 1 ? 1_500_000_000_000 : .none))
        #expect(scanner.position == 34)
    }

    @Test("a patched header keeps the checksum unless the time changes")
    func patch() throws {
        var sealed = self.header
        let unsealed = try RecordBatchView(at: ByteSlice(self.bytes(of: sealed, records: [1, 2, 3, 4, 5])))
        sealed.crc = unsealed.computedChecksum()
        let batch = try RecordBatchView(at: ByteSlice(self.bytes(of: sealed, records: [1, 2, 3, 4, 5])))
        #expect(batch.hasValidChecksum)
        for time in [HeaderPatch.Time.unchanged, .createTime(max: 5), .logAppendTime(1_800_000_000_000)] {
            let patch = HeaderPatch(baseOffset: 500, leaderEpoch: 9, time: time)
            var front = [UInt8](repeating: 0, count: RecordBatchHeader.size)
            front.withUnsafeMutableBytes { patch.write(for: batch, to: $0.baseAddress!) }
            let stored = try RecordBatchView(at: ByteSlice(front + batch.records.array))
            #expect(stored.hasValidChecksum)
            #expect(stored.header.baseOffset == 500)
            #expect(stored.header.leaderEpoch == 9)
            #expect((stored.header.crc == sealed.crc) == (time == .unchanged))
            let isAppendTime = time == .logAppendTime(1_800_000_000_000)
            #expect(stored.header.timestampType == (isAppendTime ? .logAppendTime : .createTime))
        }
    }
}
