import ApusCore
package import KafkaPrimitives

/// Walks the entries of a piece of a log, front to back, without copying and never past the end.
///
/// An entry of which the tail is missing ends the walk as the end of the bytes does; `position` then tells how many
/// bytes are whole entries. After an error the scanner stays where the damage is.
package struct LogEntryScanner {
    private let bytes: ByteSlice
    /// Bytes of whole entries passed so far.
    package private(set) var position = 0

    /// Bytes that must be there to know an entry's length and magic.
    package static let frameSize = 17

    package init(_ bytes: ByteSlice) {
        self.bytes = bytes
    }

    /// The next entry, or nil where none is left whole.
    ///
    /// Throws `corruptBatch` where the length or the magic is one that no entry has.
    package mutating func next() throws(RecordError) -> LogEntry? {
        let left = self.bytes.count - self.position
        guard left >= Self.frameSize else { return nil }
        let start = self.bytes.pointer + self.position
        let length = Int(Int32(bigEndian: start.loadUnaligned(fromByteOffset: 8, as: Int32.self)))
        let magic = start.load(fromByteOffset: 16, as: Int8.self)
        switch magic {
        case 0, 1:
            return try self.legacyEntry(length: length, magic: magic, left: left)
        case RecordBatchHeader.currentMagic:
            let size = length + RecordBatchHeader.lengthPrefixSize
            guard size >= RecordBatchHeader.size else {
                throw RecordError(.corruptBatch, "batch size \(size) is less than that of a header")
            }
            guard size <= left else { return nil }
            let batch = RecordBatchView(
                header: RecordBatchHeader(reading: start), bytes: self.bytes[self.position..<self.position + size])
            self.position += size
            return .batch(batch)
        default:
            throw RecordError(.corruptBatch, "magic \(magic) is not that of any format")
        }
    }

    private mutating func legacyEntry(length: Int, magic: Int8, left: Int) throws(RecordError) -> LogEntry? {
        let size = length + RecordBatchHeader.lengthPrefixSize
        guard length >= LegacyEntry.lengthMin else {
            throw RecordError(.corruptBatch, "message length \(length) is less than \(LegacyEntry.lengthMin)")
        }
        guard size <= left else { return nil }
        let start = self.bytes.pointer + self.position
        let entry = LegacyEntry(
            offset: .init(Int64(bigEndian: start.loadUnaligned(as: Int64.self))), magic: magic,
            bytes: self.bytes[self.position..<self.position + size])
        self.position += size
        return .legacy(entry)
    }
}
