public import ApusCore

/// The one reader of Kafka's primitive types. Integers are big-endian.
///
/// It reads a slice front to back without copying; byte fields come out as slices that share the storage. Every
/// length is checked against the bytes left before anything is allocated. After an error the reader is of no use.
///
/// Source: Kafka protocol guide, "Protocol Primitive Types"; KIP-482 for the compact forms.
public struct ByteReader {
    @usableFromInline let slice: ByteSlice
    @usableFromInline let base: UnsafeRawPointer
    /// Bytes read so far.
    public var position: Int

    /// More elements than this in one array are refused before memory is taken.
    public static let arrayCountMax = 1_000_000
    /// More tagged fields than this in one structure are refused.
    public static let taggedFieldCountMax = 10_000

    @inlinable
    public init(_ slice: ByteSlice) {
        self.init(slice: slice, base: slice.pointer, position: 0)
    }

    @usableFromInline
    init(slice: ByteSlice, base: UnsafeRawPointer, position: Int) {
        self.slice = slice
        self.base = base
        self.position = position
    }

    /// Bytes not read yet.
    @inlinable
    public var remaining: Int { self.slice.count - self.position }

    /// What has not been read yet, sharing the storage.
    @inlinable
    public var rest: ByteSlice { self.slice[self.position..<self.slice.count] }

    @inlinable
    public func failure(_ code: DecodeError.Code) -> DecodeError {
        DecodeError(code, at: self.position)
    }

    /// Throws `trailingBytes` unless everything was read.
    @inlinable
    public func expectEnd() throws(DecodeError) {
        guard self.remaining == 0 else { throw self.failure(.trailingBytes) }
    }
}

// MARK: Fixed-width values

extension ByteReader {
    @inlinable
    public mutating func readInteger<Value: FixedWidthInteger>(_: Value.Type) throws(DecodeError) -> Value {
        let size = MemoryLayout<Value>.size
        guard self.remaining >= size else { throw self.failure(.truncated) }
        let value = (self.base + self.position).loadUnaligned(as: Value.self)
        self.position += size
        return Value(bigEndian: value)
    }

    @inlinable
    public mutating func readInt8() throws(DecodeError) -> Int8 { try self.readInteger(Int8.self) }

    @inlinable
    public mutating func readInt16() throws(DecodeError) -> Int16 { try self.readInteger(Int16.self) }

    @inlinable
    public mutating func readUInt16() throws(DecodeError) -> UInt16 { try self.readInteger(UInt16.self) }

    @inlinable
    public mutating func readInt32() throws(DecodeError) -> Int32 { try self.readInteger(Int32.self) }

    @inlinable
    public mutating func readUInt32() throws(DecodeError) -> UInt32 { try self.readInteger(UInt32.self) }

    @inlinable
    public mutating func readInt64() throws(DecodeError) -> Int64 { try self.readInteger(Int64.self) }

    @inlinable
    public mutating func readFloat64() throws(DecodeError) -> Double {
        Double(bitPattern: try self.readInteger(UInt64.self))
    }

    @inlinable
    public mutating func readBoolean() throws(DecodeError) -> Bool { try self.readInteger(UInt8.self) != 0 }

    @inlinable
    public mutating func readUUID() throws(DecodeError) -> KafkaUUID {
        let high = try self.readInteger(UInt64.self)
        return KafkaUUID(high: high, low: try self.readInteger(UInt64.self))
    }
}

// MARK: Variable-width integers

extension ByteReader {
    /// An unsigned integer of at most 32 bits in groups of seven, least significant first.
    @inlinable
    public mutating func readUnsignedVarint() throws(DecodeError) -> UInt32 {
        if self.remaining > 0 {
            let byte = (self.base + self.position).load(as: UInt8.self)
            if byte < 0x80 {
                self.position += 1
                return UInt32(byte)
            }
        }
        let value = try self.readUnsignedVarlong()
        guard let narrow = UInt32(exactly: value) else { throw self.failure(.invalidVarint) }
        return narrow
    }

    /// An unsigned integer of at most 64 bits in groups of seven, least significant first.
    @inlinable
    public mutating func readUnsignedVarlong() throws(DecodeError) -> UInt64 {
        var value: UInt64 = 0
        var shift: UInt64 = 0
        while true {
            guard self.remaining > 0 else { throw self.failure(.truncated) }
            let byte = (self.base + self.position).load(as: UInt8.self)
            self.position += 1
            // The tenth byte has room for one bit only.
            if shift == 63, byte > 1 { throw self.failure(.invalidVarint) }
            value |= UInt64(byte & 0x7f) << shift
            if byte < 0x80 { return value }
            shift += 7
        }
    }

    /// A zigzag-encoded 32-bit integer, as record batches use.
    @inlinable
    public mutating func readVarint() throws(DecodeError) -> Int32 {
        let raw = try self.readUnsignedVarint()
        return Int32(bitPattern: raw >> 1) ^ -Int32(bitPattern: raw & 1)
    }

    /// A zigzag-encoded 64-bit integer, as record batches use.
    @inlinable
    public mutating func readVarlong() throws(DecodeError) -> Int64 {
        let raw = try self.readUnsignedVarlong()
        return Int64(bitPattern: raw >> 1) ^ -Int64(bitPattern: raw & 1)
    }
}

// MARK: Strings, bytes and counts

extension ByteReader {
    /// The next `count` bytes, sharing the storage.
    @inlinable
    public mutating func readSlice(count: Int) throws(DecodeError) -> ByteSlice {
        guard count >= 0 else { throw self.failure(.invalidLength) }
        guard count <= self.remaining else { throw self.failure(.truncated) }
        let result = self.slice[self.position..<self.position + count]
        self.position += count
        return result
    }

    @inlinable
    public mutating func skip(count: Int) throws(DecodeError) {
        guard count >= 0 else { throw self.failure(.invalidLength) }
        guard count <= self.remaining else { throw self.failure(.truncated) }
        self.position += count
    }

    /// The length of a string: 16 bits, or a varint that is one too large where `compact`. Nil is null.
    @inlinable
    public mutating func readStringLength(compact: Bool) throws(DecodeError) -> Int? {
        let length = compact ? Int(try self.readUnsignedVarint()) - 1 : Int(try self.readInt16())
        if length == -1 { return nil }
        guard length >= 0, length <= Int(Int16.max) else { throw self.failure(.invalidLength) }
        guard length <= self.remaining else { throw self.failure(.truncated) }
        return length
    }

    /// The length of a byte field: 32 bits, or a varint that is one too large where `compact`. Nil is null.
    @inlinable
    public mutating func readBytesLength(compact: Bool) throws(DecodeError) -> Int? {
        let length = compact ? Int(try self.readUnsignedVarint()) - 1 : Int(try self.readInt32())
        if length == -1 { return nil }
        guard length >= 0 else { throw self.failure(.invalidLength) }
        guard length <= self.remaining else { throw self.failure(.truncated) }
        return length
    }

    /// The number of elements of an array, at most `arrayCountMax` and no more than fit into the bytes left where each
    /// takes at least `elementSizeMin` bytes. Nil is null.
    @inlinable
    public mutating func readArrayCount(compact: Bool, elementSizeMin: Int = 1) throws(DecodeError) -> Int? {
        let count = compact ? Int(try self.readUnsignedVarint()) - 1 : Int(try self.readInt32())
        if count == -1 { return nil }
        guard count >= 0, count <= Self.arrayCountMax else { throw self.failure(.invalidLength) }
        guard count <= self.remaining / elementSizeMin else { throw self.failure(.truncated) }
        return count
    }

    @inlinable
    public mutating func readNullableString(compact: Bool) throws(DecodeError) -> String? {
        guard let length = try self.readStringLength(compact: compact) else { return nil }
        let bytes = UnsafeRawBufferPointer(start: self.base + self.position, count: length)
        self.position += length
        return String(decoding: bytes, as: UTF8.self)
    }

    @inlinable
    public mutating func readString(compact: Bool) throws(DecodeError) -> String {
        guard let value = try self.readNullableString(compact: compact) else { throw self.failure(.unexpectedNull) }
        return value
    }

    @inlinable
    public mutating func readNullableBytes(compact: Bool) throws(DecodeError) -> ByteSlice? {
        guard let length = try self.readBytesLength(compact: compact) else { return nil }
        return try self.readSlice(count: length)
    }

    @inlinable
    public mutating func readBytes(compact: Bool) throws(DecodeError) -> ByteSlice {
        guard let value = try self.readNullableBytes(compact: compact) else { throw self.failure(.unexpectedNull) }
        return value
    }

    @inlinable
    public mutating func readRecords(compact: Bool) throws(DecodeError) -> RecordsPayload {
        guard let bytes = try self.readNullableBytes(compact: compact) else { return .null }
        return .bytes(bytes)
    }
}
