import ApusCore
import KafkaPrimitives
import KafkaRecords
import Testing

@Suite("Compression scratch")
struct CompressionScratchTests {
    /// A batch of `count` zeros in one record.
    private func batch(of count: Int, codec: CompressionCodec, scratch: CompressionScratch) throws -> RecordBatchView {
        var options = RecordBatchBuilder.Options()
        options.compression = CompressionSetting(codec)
        var builder = RecordBatchBuilder(options, capacity: count + 100)
        builder.append(timestamp: 0, key: nil, value: ByteSlice([UInt8](repeating: 0, count: count)))
        return try RecordBatchView(at: try #require(try builder.finish(scratch: scratch)))
    }

    @Test("a bomb is refused at the limit", arguments: CompressionCodec.allCases.filter { $0 != .none })
    func bomb(codec: CompressionCodec) throws {
        let scratch = CompressionScratch()
        let batch = try self.batch(of: 3_000_000, codec: codec, scratch: scratch)
        let whole = try scratch.decompress(batch.records, codec: codec, limit: .max / 2).count
        #expect(try scratch.decompress(batch.records, codec: codec, limit: whole).count == whole)
        for limit in [0, 1, 65_536, whole - 1] {
            #expect(throws: RecordError(.decompressedTooLarge, "")) {
                try scratch.decompress(batch.records, codec: codec, limit: limit)
            }
        }
    }

    @Test("a result stays as it is while it is held", arguments: CompressionCodec.allCases.filter { $0 != .none })
    func heldResult(codec: CompressionCodec) throws {
        let scratch = CompressionScratch()
        let first = try self.batch(of: 1000, codec: codec, scratch: scratch)
        let second = try self.batch(of: 2000, codec: codec, scratch: scratch)
        let held = try scratch.decompress(first.records, codec: codec, limit: 1 << 20)
        let copy = held.array
        let other = try scratch.decompress(second.records, codec: codec, limit: 1 << 20)
        #expect(held.array == copy)
        #expect(other.storage !== held.storage)
    }

    @Test("memory is used again once nobody holds a result")
    func reuse() throws {
        let scratch = CompressionScratch()
        let batch = try self.batch(of: 1000, codec: .zstd, scratch: scratch)
        let first = ObjectIdentifier(try scratch.decompress(batch.records, codec: .zstd, limit: 1 << 20).storage)
        let second = ObjectIdentifier(try scratch.decompress(batch.records, codec: .zstd, limit: 1 << 20).storage)
        #expect(first == second)
    }

    @Test("one scratch serves all codecs after errors in each")
    func afterErrors() throws {
        let scratch = CompressionScratch()
        for codec in CompressionCodec.allCases where codec != .none {
            let batch = try self.batch(of: 5000, codec: codec, scratch: scratch)
            let cut = batch.records[0..<batch.records.count - 3]
            #expect(throws: RecordError(.invalidCompression, "")) {
                try scratch.decompress(cut, codec: codec, limit: 1 << 20)
            }
            #expect(throws: RecordError(.invalidCompression, "")) {
                try scratch.decompress(.empty, codec: codec, limit: 1 << 20)
            }
            #expect(try scratch.decompress(batch.records, codec: codec, limit: 1 << 20).count > 5000)
        }
    }

    @Test("members of a gzip stream and headers within a snappy stream are joined")
    func joined() throws {
        let scratch = CompressionScratch()
        for codec in [CompressionCodec.gzip, .snappy, .zstd] {
            let batch = try self.batch(of: 100, codec: codec, scratch: scratch)
            let twice = ByteSlice(batch.records.array + batch.records.array)
            let once = try scratch.decompress(batch.records, codec: codec, limit: 1 << 20).array
            #expect(try scratch.decompress(twice, codec: codec, limit: 1 << 20).array == once + once)
        }
    }
}
