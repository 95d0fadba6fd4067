import CSnappy

/// Snappy as it occurs in batches: blocks in the framing of Java's library, or one block without any framing.
///
/// Shape of the framing: 0x82 "SNAPPY" 0x00, version 4, lowest compatible version 4, then blocks, each a length of 4
/// bytes, big-endian, and a raw snappy block; another such header may come in place of a length.
/// Source: snappy-java's `SnappyOutputStream`.
enum SnappyFraming {
    private static let magic: UInt64 = 0x8253_4e41_5050_5900
    private static let headerSize = 16
    /// Bytes of a block before compression, as Java writes them.
    private static let blockSize = 32 * 1024

    /// Decompresses either form. Throws `invalidCompression` or `decompressedTooLarge`.
    static func decompress(_ input: UnsafeRawBufferPointer, into output: inout BoundedOutput) throws(RecordError) {
        guard self.hasHeader(input, at: 0) else {
            try self.decompressBlock(input, into: &output)
            return
        }
        var position = self.headerSize
        while position < input.count {
            if self.hasHeader(input, at: position) {
                position += self.headerSize
                continue
            }
            guard input.count - position >= 4 else { throw self.damage }
            let length = Int(UInt32(bigEndian: input.loadUnaligned(fromByteOffset: position, as: UInt32.self)))
            position += 4
            guard length <= input.count - position else { throw self.damage }
            try self.decompressBlock(
                UnsafeRawBufferPointer(rebasing: input[position..<position + length]), into: &output)
            position += length
        }
    }

    /// Compresses `input` in Java's framing.
    static func compress(_ input: UnsafeRawBufferPointer, into output: inout BoundedOutput) throws(RecordError) {
        try output.reserve(self.headerSize)
        output.next.storeBytes(of: self.magic.bigEndian, as: UInt64.self)
        output.next.storeBytes(of: UInt32(1).bigEndian, toByteOffset: 8, as: UInt32.self)
        output.next.storeBytes(of: UInt32(1).bigEndian, toByteOffset: 12, as: UInt32.self)
        try output.advance(self.headerSize)
        var position = 0
        while position < input.count {
            let end = min(position + self.blockSize, input.count)
            let block = UnsafeRawBufferPointer(rebasing: input[position..<end])
            try output.reserve(4 + snappy_max_compressed_length(block.count))
            var length = output.room - 4
            let status = snappy_compress(
                block.bindMemory(to: CChar.self).baseAddress, block.count,
                (output.next + 4).assumingMemoryBound(to: CChar.self), &length)
            precondition(status == SNAPPY_OK, "snappy does not end within its own bound")
            output.next.storeBytes(of: UInt32(length).bigEndian, as: UInt32.self)
            try output.advance(4 + length)
            position = end
        }
    }

    private static func hasHeader(_ input: UnsafeRawBufferPointer, at position: Int) -> Bool {
        guard input.count - position >= self.headerSize else { return false }
        return UInt64(bigEndian: input.loadUnaligned(fromByteOffset: position, as: UInt64.self)) == self.magic
    }

    private static func decompressBlock(
        _ block: UnsafeRawBufferPointer, into output: inout BoundedOutput
    ) throws(RecordError) {
        let source = block.bindMemory(to: CChar.self).baseAddress
        var length = 0
        guard snappy_uncompressed_length(source, block.count, &length) == SNAPPY_OK else { throw self.damage }
        // Three bytes of a block stand for 64 at most; a larger claim is a lie that would only take memory.
        guard length <= block.count * 22 else { throw self.damage }
        try output.reserve(length)
        let target = output.next.assumingMemoryBound(to: CChar.self)
        guard snappy_uncompress(source, block.count, target, &length) == SNAPPY_OK else { throw self.damage }
        try output.advance(length)
    }

    private static var damage: RecordError { RecordError(.invalidCompression, "snappy data is damaged or ends early") }
}
