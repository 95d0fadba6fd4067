/// Reads the variable-length integers of records from raw memory, bounded by its end.
///
/// A read that does not fit, or an integer wider than its type, sets `hasFailed` and yields 0; from there on every
/// read fails. The caller looks once per record, not once per field.
struct RecordCursor {
    private(set) var next: UnsafeRawPointer
    let end: UnsafeRawPointer
    private(set) var hasFailed = false

    /// The `count` bytes at `start`, which must stay valid for as long as the cursor is used.
    init(start: UnsafeRawPointer, count: Int) {
        self.next = start
        self.end = start + count
    }

    var remaining: Int { self.end - self.next }

    @inline(__always)
    mutating func readUnsignedVarint() -> UInt32 {
        let value = self.readUnsignedVarlong()
        if value > UInt64(UInt32.max) { self.fail() }
        return UInt32(truncatingIfNeeded: value)
    }

    @inline(__always)
    mutating func readUnsignedVarlong() -> UInt64 {
        // One byte and two are what nearly all fields have; the branches are well predicted.
        if self.next < self.end {
            let first = self.next.load(as: UInt8.self)
            if first < 0x80 {
                self.next += 1
                return UInt64(first)
            }
            if self.remaining >= 2 {
                let second = self.next.load(fromByteOffset: 1, as: UInt8.self)
                if second < 0x80 {
                    self.next += 2
                    return UInt64(first & 0x7f) | UInt64(second) << 7
                }
            }
        }
        let (value, size) = Self.wideVarlong(self.next, count: self.remaining)
        if size == 0 { self.fail() } else { self.next += size }
        return value
    }

    /// A zigzag-encoded 32-bit integer.
    @inline(__always)
    mutating func readVarint() -> Int32 {
        let raw = self.readUnsignedVarint()
        return Int32(bitPattern: raw >> 1) ^ -Int32(bitPattern: raw & 1)
    }

    /// A zigzag-encoded 64-bit integer.
    @inline(__always)
    mutating func readVarlong() -> Int64 {
        let raw = self.readUnsignedVarlong()
        return Int64(bitPattern: raw >> 1) ^ -Int64(bitPattern: raw & 1)
    }

    @inline(__always)
    mutating func readByte() -> UInt8 {
        guard self.next < self.end else {
            self.fail()
            return 0
        }
        let byte = self.next.load(as: UInt8.self)
        self.next += 1
        return byte
    }

    /// Passes `count` bytes; none if `count` is negative, which means null.
    @inline(__always)
    mutating func skip(_ count: Int32) {
        guard count > 0 else { return }
        guard Int(count) <= self.remaining else {
            self.fail()
            return
        }
        self.next += Int(count)
    }

    mutating func fail() {
        self.hasFailed = true
        self.next = self.end
    }

    /// The integer at `start` and its size in bytes; 0 and 0 where it does not end within `count` bytes or 64 bits.
    ///
    /// It takes no cursor, so that the cursor of the caller can stay in registers.
    @inline(never)
    private static func wideVarlong(_ start: UnsafeRawPointer, count: Int) -> (value: UInt64, size: Int) {
        var value: UInt64 = 0
        var shift: UInt64 = 0
        for size in 0..<min(count, 10) {
            let byte = start.load(fromByteOffset: size, as: UInt8.self)
            // The tenth byte has room for one bit only.
            if shift == 63, byte > 1 { break }
            value |= UInt64(byte & 0x7f) << shift
            if byte < 0x80 { return (value, size + 1) }
            shift += 7
        }
        return (0, 0)
    }
}
