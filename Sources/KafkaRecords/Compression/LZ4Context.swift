import CLZ4

/// The LZ4 frame format, with contexts kept between uses.
///
/// Frames are written as Kafka's clients can read them: independent blocks of 64 KiB, no checksums but the header's.
final class LZ4Context {
    private var decompressor: OpaquePointer?
    private var compressor: OpaquePointer?

    /// At this level Kafka takes the fast compressor; at any other, the one that tries harder.
    static let defaultLevel: Int32 = 9

    deinit {
        LZ4F_freeDecompressionContext(self.decompressor)
        LZ4F_freeCompressionContext(self.compressor)
    }

    /// Decompresses one frame, which must be all of `input`. Throws `invalidCompression` or `decompressedTooLarge`.
    func decompress(_ input: UnsafeRawBufferPointer, into output: inout BoundedOutput) throws(RecordError) {
        // Kafka's own reader refuses frames whose blocks refer to earlier ones, so they must not get into a log.
        guard input.count > 7, input[4] & 0x20 != 0 else {
            throw RecordError(.invalidCompression, "not an lz4 frame of independent blocks")
        }
        let context = self.readyDecompressor()
        var position = 0
        while true {
            if output.room == 0 { try output.reserve(max(input.count, 1)) }
            var written = output.room
            var consumed = input.count - position
            let hint = LZ4F_decompress(
                context, output.next, &written, input.baseAddress.map { $0 + position }, &consumed, nil)
            guard LZ4F_isError(hint) == 0 else { throw self.damage }
            try output.advance(written)
            position += consumed
            if hint == 0 { break }
            if consumed == 0, written == 0, output.room > 0 { throw self.damage }
        }
        guard position == input.count else {
            throw RecordError(.invalidCompression, "bytes follow the lz4 frame")
        }
    }

    /// Compresses `input` as one frame.
    func compress(_ input: UnsafeRawBufferPointer, level: Int32, into output: inout BoundedOutput) throws(RecordError) {
        let context = self.readyCompressor()
        var preferences = LZ4F_preferences_t()
        preferences.frameInfo.blockSizeID = LZ4F_max64KB
        preferences.frameInfo.blockMode = LZ4F_blockIndependent
        preferences.compressionLevel = level == Self.defaultLevel ? 0 : level
        try output.reserve(Int(LZ4F_HEADER_SIZE_MAX) + LZ4F_compressBound(input.count, &preferences))
        try output.advance(self.checked(LZ4F_compressBegin(context, output.next, output.room, &preferences)))
        try output.advance(
            self.checked(
                LZ4F_compressUpdate(context, output.next, output.room, input.baseAddress, input.count, nil)))
        try output.advance(self.checked(LZ4F_compressEnd(context, output.next, output.room, nil)))
    }

    private func checked(_ result: Int) -> Int {
        precondition(LZ4F_isError(result) == 0, "lz4 does not end within its own bound")
        return result
    }

    private func readyDecompressor() -> OpaquePointer? {
        if self.decompressor == nil {
            let status = LZ4F_createDecompressionContext(&self.decompressor, UInt32(LZ4F_VERSION))
            precondition(LZ4F_isError(status) == 0, "lz4 has no memory")
        }
        LZ4F_resetDecompressionContext(self.decompressor)
        return self.decompressor
    }

    private func readyCompressor() -> OpaquePointer? {
        if self.compressor == nil {
            let status = LZ4F_createCompressionContext(&self.compressor, UInt32(LZ4F_VERSION))
            precondition(LZ4F_isError(status) == 0, "lz4 has no memory")
        }
        return self.compressor
    }

    private var damage: RecordError { RecordError(.invalidCompression, "lz4 data is damaged or ends early") }
}
