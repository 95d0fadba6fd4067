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
        if self.next < self.end {
            let byte = self.next.load(as: UInt8.self)
            if byte < 0x80 {
                self.next += 1
                return UInt32(byte)
            }
        }
        return self.readWideVarint()
    }

    @inline(__always)
    mutating func readUnsignedVarlong() -> UInt64 {
        if self.next < self.end {
            let byte = self.next.load(as: UInt8.self)
            if byte < 0x80 {
                self.next += 1
                return UInt64(byte)
            }
        }
        return self.readWideVarlong()
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

    private mutating func readWideVarint() -> UInt32 {
        let value = self.readWideVarlong()
        guard value <= UInt64(UInt32.max) else {
            self.fail()
            return 0
        }
        return UInt32(truncatingIfNeeded: value)
    }

    private mutating func readWideVarlong() -> UInt64 {
        var value: UInt64 = 0
        var shift: UInt64 = 0
        while self.next < self.end {
            let byte = self.next.load(as: UInt8.self)
            self.next += 1
            // The tenth byte has room for one bit only.
            if shift == 63, byte > 1 { break }
            value |= UInt64(byte & 0x7f) << shift
            if byte < 0x80 { return value }
            shift += 7
        }
        self.fail()
        return 0
    }
}
