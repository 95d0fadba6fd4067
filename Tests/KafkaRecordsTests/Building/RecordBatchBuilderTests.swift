import ApusCore
import KafkaPrimitives
import KafkaRecords
import Testing

@Suite("Record batch builder")
struct RecordBatchBuilderTests {
    private func slice(_ text: String) -> ByteSlice { ByteSlice(Array(text.utf8)) }

    private static let settings: [CompressionSetting] =
        CompressionCodec.allCases.map { CompressionSetting($0) } + [
            CompressionSetting(.gzip, level: 1), CompressionSetting(.gzip, level: 9),
            CompressionSetting(.lz4, level: 1), CompressionSetting(.lz4, level: 17),
            CompressionSetting(.zstd, level: -5), CompressionSetting(.zstd, level: 19),
        ]

    @Test("what was added is read back, whatever the codec and level", arguments: Self.settings)
    func roundTrip(setting: CompressionSetting) throws {
        let scratch = CompressionScratch()
        var options = RecordBatchBuilder.Options()
        options.baseOffset = 100
        options.leaderEpoch = 4
        options.compression = setting
        options.producerID = 77
        options.producerEpoch = 2
        options.baseSequence = 30
        options.isTransactional = true
        var builder = RecordBatchBuilder(options)
        var expected: [PlainRecord] = []
        for index in 0..<500 {
            let value = String(repeating: "value \(index) ", count: index % 50)
            builder.append(
                timestamp: Timestamp(1_700_000_000_000 - Int64(index)), key: index % 3 == 0 ? nil : self.slice("k"),
                value: self.slice(value), headers: [RecordHeader(key: self.slice("h"), value: nil)])
            expected.append(
                PlainRecord(
                    offset: 100 + Int64(index), timestamp: 1_700_000_000_000 - Int64(index),
                    key: index % 3 == 0 ? nil : "k", value: value, headers: ["h=null"]))
        }
        let bytes = try #require(try builder.finish(scratch: scratch))
        let batch = try RecordBatchView(at: bytes)
        #expect(batch.hasValidChecksum)
        #expect(
            batch.header
                == RecordBatchHeader(
                    baseOffset: 100, batchLength: Int32(bytes.count - 12), leaderEpoch: 4, crc: batch.header.crc,
                    attributes: RecordBatchAttributes(compression: setting.codec, isTransactional: true),
                    lastOffsetDelta: 499, baseTimestamp: 1_700_000_000_000, maxTimestamp: 1_700_000_000_000,
                    producerID: 77, producerEpoch: 2, baseSequence: 30, recordCount: 500))
        #expect(try PlainRecord.all(in: bytes, scratch: scratch) == expected)
    }

    @Test("an append time takes the place of the records' own")
    func appendTime() throws {
        let scratch = CompressionScratch()
        var options = RecordBatchBuilder.Options()
        options.logAppendTime = 5000
        var builder = RecordBatchBuilder(options)
        builder.append(timestamp: 1, key: nil, value: self.slice("a"))
        builder.append(timestamp: 2, key: nil, value: self.slice("b"))
        let bytes = try #require(try builder.finish(scratch: scratch))
        #expect(
            try PlainRecord.all(in: bytes, scratch: scratch) == [
                PlainRecord(offset: 0, timestamp: 5000, key: nil, value: "a"),
                PlainRecord(offset: 1, timestamp: 5000, key: nil, value: "b"),
            ])
    }

    @Test("gaps and a kept end survive, as compaction needs")
    func gaps() throws {
        let scratch = CompressionScratch()
        var options = RecordBatchBuilder.Options()
        options.baseOffset = 10
        options.deleteHorizon = 900
        var builder = RecordBatchBuilder(options)
        builder.append(offset: 12, timestamp: 1000, key: self.slice("a"), value: nil)
        builder.append(offset: 17, timestamp: 800, key: self.slice("b"), value: nil)
        let bytes = try #require(try builder.finish(scratch: scratch, lastOffset: 19))
        let header = try RecordBatchView(at: bytes).header
        #expect(header.lastOffset == 19)
        #expect(header.hasDeleteHorizon)
        #expect(header.baseTimestamp == 900)
        #expect(header.maxTimestamp == 1000)
        #expect(
            try PlainRecord.all(in: bytes, scratch: scratch) == [
                PlainRecord(offset: 12, timestamp: 1000, key: "a", value: nil),
                PlainRecord(offset: 17, timestamp: 800, key: "b", value: nil),
            ])
    }

    @Test("a transaction's end is the bytes that Kafka writes")
    func endMarker() throws {
        let scratch = CompressionScratch()
        var theirs: RecordBatchView?
        for name in ["java-transactions-0.log", "java-transactions-6.log"] {
            for batch in RecordBatchSequence(try Golden.bytes(name)) where batch.header.isControl { theirs = batch }
        }
        let header = try #require(theirs).header
        var options = RecordBatchBuilder.Options()
        options.baseOffset = header.baseOffset
        options.leaderEpoch = header.leaderEpoch
        options.producerID = header.producerID
        options.producerEpoch = header.producerEpoch
        options.isTransactional = true
        options.isControl = true
        var builder = RecordBatchBuilder(options)
        builder.append(
            control: .abort, value: EndTransactionMarker(coordinatorEpoch: 0).encoded, timestamp: header.maxTimestamp)
        #expect(try builder.finish(scratch: scratch) == theirs?.bytes)
    }

    @Test("without records there is no batch")
    func empty() throws {
        let builder = RecordBatchBuilder(.init())
        #expect(try builder.finish(scratch: CompressionScratch()) == nil)
    }
}
