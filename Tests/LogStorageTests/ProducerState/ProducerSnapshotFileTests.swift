import ApusCore
import KafkaPrimitives
import KafkaRecords
import LogStorage
import Testing

@Suite("Producer snapshots")
struct ProducerSnapshotFileTests {
    /// The table after all batches of a segment, and the transactions that were aborted in it.
    private func replay(_ name: String, into table: inout ProducerStateTable) throws -> [AbortedTransaction] {
        var aborted: [AbortedTransaction] = []
        for batch in RecordBatchSequence(try ProducerGolden.bytes(name)) {
            let end = try TransactionEnd(header: batch.header, records: batch.records)
            if let transaction = table.update(batch.header, end: end) { aborted.append(transaction) }
        }
        return aborted
    }

    @Test("are, after the same segments, the bytes that Kafka wrote")
    func replayedSegments() throws {
        var table = ProducerStateTable()
        #expect(try self.replay("00000000000000000000.log", into: &table) == [])
        #expect(table.endOffset == 6)
        #expect(ProducerSnapshotFile.encode(table) == (try ProducerGolden.bytes("00000000000000000006.snapshot")))
        let aborted = try self.replay("00000000000000000006.log", into: &table)
        #expect(table.endOffset == 13)
        #expect(ProducerSnapshotFile.encode(table) == (try ProducerGolden.bytes("00000000000000000013.snapshot")))
        #expect(
            aborted == [
                AbortedTransaction(producerID: 14, firstOffset: 3, lastOffset: 7, lastStableOffset: 8),
                AbortedTransaction(producerID: 13, firstOffset: 8, lastOffset: 10, lastStableOffset: 11),
            ])
        #expect(table.firstUndecidedOffset == 11)
        #expect(table.firstUnstableOffset == 0)
        table.highWatermarkAdvanced(to: 13)
        #expect(table.firstUnstableOffset == 11)
    }

    @Test("continue where they were taken")
    func continued() throws {
        let entries = try ProducerSnapshotFile.decode(try ProducerGolden.bytes("00000000000000000006.snapshot"))
        var table = ProducerStateTable(entries, endOffset: 6, now: 1_700_000_000_000, expirationMs: 86_400_000)
        #expect(table.firstUndecidedOffset == 0)
        _ = try self.replay("00000000000000000006.log", into: &table)
        #expect(ProducerSnapshotFile.encode(table) == (try ProducerGolden.bytes("00000000000000000013.snapshot")))
    }

    @Test("that are cut or damaged anywhere are refused")
    func damage() throws {
        let whole = try ProducerGolden.bytes("00000000000000000013.snapshot").array
        for position in 0..<whole.count {
            #expect(throws: LogError(.corruptFile, "")) {
                try ProducerSnapshotFile.decode(ByteSlice(Array(whole[..<position])))
            }
            var flipped = whole
            flipped[position] ^= 0x10
            #expect(throws: LogError(.corruptFile, "")) { try ProducerSnapshotFile.decode(ByteSlice(flipped)) }
        }
        #expect(throws: LogError(.corruptFile, "")) { try ProducerSnapshotFile.decode(ByteSlice(whole + [0])) }
    }

    @Test("of no producers are read back as none")
    func empty() throws {
        let bytes = ProducerSnapshotFile.encode(ProducerStateTable(endOffset: 40))
        #expect(bytes.array == [0, 1, 0x48, 0x67, 0x4b, 0xc7, 0, 0, 0, 0])
        #expect(try ProducerSnapshotFile.decode(bytes).isEmpty)
    }
}
