package import KafkaPrimitives

/// The codecs' contexts and the memory they write to, reused from batch to batch.
///
/// One belongs to each event loop or thread and is not shared. Output memory is reused only once nobody holds a slice
/// of it any more, so a result may be kept for as long as it is needed; and an unusually large one is given back.
package final class CompressionScratch {
    private let gzip = GzipContext()
    private let lz4 = LZ4Context()
    private let zstd = ZstdContext()
    private var storage: ByteStorage

    /// Output memory that is kept to be used again, in bytes.
    package static let retainedBytesMax = 4 << 20
    private static let initialBytes = 64 << 10

    package init() {
        self.storage = ByteStorage(capacity: Self.initialBytes)
    }

    /// The bytes that `input` stands for; `input` itself where the codec is `none`.
    ///
    /// Throws `invalidCompression` for bytes that do not decompress, and `decompressedTooLarge` past `limit` bytes;
    /// no more memory than about that is taken.
    package func decompress(
        _ input: ByteSlice, codec: CompressionCodec, limit: Int
    ) throws(RecordError) -> ByteSlice {
        precondition(limit >= 0)
        if codec == .none { return input }
        guard !input.isEmpty else { throw RecordError(.invalidCompression, "there is nothing to decompress") }
        guard input.count <= Int(Int32.max) else { throw RecordError(.corruptBatch, "more bytes than a batch has") }
        var output = BoundedOutput(storage: self.reusableStorage(), limit: limit)
        try input.withUnsafeBytes { (bytes: UnsafeRawBufferPointer) throws(RecordError) in
            switch codec {
            case .none: break
            case .gzip: try self.gzip.decompress(bytes, into: &output)
            case .snappy: try SnappyFraming.decompress(bytes, into: &output)
            case .lz4: try self.lz4.decompress(bytes, into: &output)
            case .zstd: try self.zstd.decompress(bytes, into: &output)
            }
        }
        self.retain(output.storage)
        return output.slice
    }

    /// The compressed form of `input` behind `reserved` bytes, which the caller may fill in before it passes the
    /// slice on. At most 1 GiB in all; throws `decompressedTooLarge` past that.
    func compress(
        _ input: ByteSlice, setting: CompressionSetting, reserved: Int
    ) throws(RecordError) -> ByteSlice {
        let storage = ByteStorage(capacity: reserved + max(input.count / 2, 512))
        var output = BoundedOutput(storage: storage, reserved: reserved, limit: 1 << 30)
        try input.withUnsafeBytes { (bytes: UnsafeRawBufferPointer) throws(RecordError) in
            switch setting.codec {
            case .none:
                try output.reserve(bytes.count)
                if let source = bytes.baseAddress { output.next.copyMemory(from: source, byteCount: bytes.count) }
                try output.advance(bytes.count)
            case .gzip:
                try self.gzip.compress(bytes, level: setting.level ?? -1, into: &output)
            case .snappy:
                try SnappyFraming.compress(bytes, into: &output)
            case .lz4:
                try self.lz4.compress(bytes, level: setting.level ?? LZ4Context.defaultLevel, into: &output)
            case .zstd:
                try self.zstd.compress(bytes, level: setting.level ?? ZstdContext.defaultLevel, into: &output)
            }
        }
        return output.slice
    }

    private func reusableStorage() -> ByteStorage {
        if !isKnownUniquelyReferenced(&self.storage) {
            self.storage = ByteStorage(capacity: Self.initialBytes)
        }
        return self.storage
    }

    private func retain(_ storage: ByteStorage) {
        if storage.capacity <= Self.retainedBytesMax { self.storage = storage }
    }
}
