/// A record's value that says which record it is.
///
/// Shape: number 8, big-endian, then letters up to `size` bytes.
enum NumberedRecord {
    static let size = 100

    static func fill(_ buffer: UnsafeMutableRawBufferPointer, number: Int) {
        buffer.storeBytes(of: Int64(number).bigEndian, as: Int64.self)
    }

    /// The number in a value; nil for one that is none of ours.
    static func number(_ value: UnsafeRawBufferPointer) -> Int? {
        guard value.count == self.size else { return nil }
        return Int(Int64(bigEndian: value.loadUnaligned(as: Int64.self)))
    }
}
