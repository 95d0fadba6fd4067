import CZlib

/// zlib's streams for the gzip format (RFC 1952), kept between uses.
final class GzipContext {
    private var inflater: UnsafeMutablePointer<z_stream>?
    private var deflater: UnsafeMutablePointer<z_stream>?
    private var deflaterLevel: Int32 = 0

    /// A window of 32 KiB in the gzip wrapper.
    private static let windowBits: Int32 = 15 + 16

    deinit {
        if let inflater = self.inflater {
            inflateEnd(inflater)
            inflater.deallocate()
        }
        if let deflater = self.deflater {
            deflateEnd(deflater)
            deflater.deallocate()
        }
    }

    /// Decompresses all members of `input`. Throws `invalidCompression` or `decompressedTooLarge`.
    func decompress(_ input: UnsafeRawBufferPointer, into output: inout BoundedOutput) throws(RecordError) {
        let stream = self.readyInflater()
        stream.pointee.next_in = UnsafeMutablePointer(mutating: input.bindMemory(to: UInt8.self).baseAddress)
        stream.pointee.avail_in = UInt32(clamping: input.count)
        while true {
            if output.room == 0 { try output.reserve(max(input.count, 1)) }
            let room = UInt32(clamping: output.room)
            stream.pointee.next_out = output.next.assumingMemoryBound(to: UInt8.self)
            stream.pointee.avail_out = room
            let status = inflate(stream, Z_NO_FLUSH)
            try output.advance(Int(room - stream.pointee.avail_out))
            switch status {
            case Z_STREAM_END:
                if stream.pointee.avail_in == 0 { return }
                inflateReset(stream)
            case Z_OK where stream.pointee.avail_in > 0 || stream.pointee.avail_out == 0:
                continue
            default:
                throw RecordError(.invalidCompression, "gzip data is damaged or ends early (\(status))")
            }
        }
    }

    /// Compresses `input` as one member.
    func compress(_ input: UnsafeRawBufferPointer, level: Int32, into output: inout BoundedOutput) throws(RecordError) {
        let stream = self.readyDeflater(level: level)
        try output.reserve(Int(deflateBound(stream, UInt(input.count))))
        stream.pointee.next_in = UnsafeMutablePointer(mutating: input.bindMemory(to: UInt8.self).baseAddress)
        stream.pointee.avail_in = UInt32(input.count)
        let room = UInt32(clamping: output.room)
        stream.pointee.next_out = output.next.assumingMemoryBound(to: UInt8.self)
        stream.pointee.avail_out = room
        let status = deflate(stream, Z_FINISH)
        precondition(status == Z_STREAM_END, "deflate does not end within its own bound")
        try output.advance(Int(room - stream.pointee.avail_out))
    }

    private func readyInflater() -> UnsafeMutablePointer<z_stream> {
        if let inflater = self.inflater {
            inflateReset(inflater)
            return inflater
        }
        let inflater = UnsafeMutablePointer<z_stream>.allocate(capacity: 1)
        inflater.initialize(to: z_stream())
        precondition(apus_inflate_init(inflater, Self.windowBits) == Z_OK, "zlib has no memory")
        self.inflater = inflater
        return inflater
    }

    private func readyDeflater(level: Int32) -> UnsafeMutablePointer<z_stream> {
        if let deflater = self.deflater {
            if level == self.deflaterLevel {
                deflateReset(deflater)
                return deflater
            }
            deflateEnd(deflater)
            deflater.deallocate()
        }
        let deflater = UnsafeMutablePointer<z_stream>.allocate(capacity: 1)
        deflater.initialize(to: z_stream())
        precondition(apus_deflate_init(deflater, level, Self.windowBits) == Z_OK, "zlib has no memory")
        self.deflater = deflater
        self.deflaterLevel = level
        return deflater
    }
}
