import CZstd

/// Zstandard frames, with contexts kept between uses.
///
/// A batch is decompressed in one go, straight into the output: the window that a frame asks for, up to 128 MiB, is
/// then never allocated.
final class ZstdContext {
    private var decompressor: OpaquePointer?
    private var compressor: OpaquePointer?

    static let defaultLevel: Int32 = 3
    /// The first guess at the output where a frame does not tell its size: this many times the input.
    private static let expansionGuess = 8

    deinit {
        ZSTD_freeDCtx(self.decompressor)
        ZSTD_freeCCtx(self.compressor)
    }

    /// Decompresses all frames of `input`. Throws `invalidCompression` or `decompressedTooLarge`.
    func decompress(_ input: UnsafeRawBufferPointer, into output: inout BoundedOutput) throws(RecordError) {
        if self.decompressor == nil { self.decompressor = ZSTD_createDCtx() }
        precondition(self.decompressor != nil, "zstd has no memory")
        let declared = ZSTD_getFrameContentSize(input.baseAddress, input.count)
        let guess = min(input.count * Self.expansionGuess, output.limit + 1 - output.count)
        // The two largest values mean that the size is not known, or that this is no frame.
        try output.reserve(declared < UInt64.max - 1 ? Int(clamping: declared) : guess)
        while true {
            let size = ZSTD_decompressDCtx(
                self.decompressor, output.next, output.room, input.baseAddress, input.count)
            if ZSTD_isError(size) == 0 {
                try output.advance(size)
                return
            }
            guard ZSTD_getErrorCode(size) == ZSTD_error_dstSize_tooSmall else {
                throw RecordError(.invalidCompression, "zstd data is damaged or ends early")
            }
            let roomMax = output.limit + 1 - output.count
            try output.reserve(output.room < roomMax ? min(max(output.room * 4, 1), roomMax) : roomMax + 1)
        }
    }

    /// Compresses `input` as one frame.
    func compress(_ input: UnsafeRawBufferPointer, level: Int32, into output: inout BoundedOutput) throws(RecordError) {
        if self.compressor == nil { self.compressor = ZSTD_createCCtx() }
        precondition(self.compressor != nil, "zstd has no memory")
        try output.reserve(ZSTD_compressBound(input.count))
        let size = ZSTD_compressCCtx(
            self.compressor, output.next, output.room, input.baseAddress, input.count, level)
        precondition(ZSTD_isError(size) == 0, "zstd does not end within its own bound")
        try output.advance(size)
    }
}
