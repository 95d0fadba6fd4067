public import ApusCore

/// The one writer of Kafka's primitive types, into memory that grows as needed. Integers are big-endian.
///
/// A piece of a file is not copied in: its place is remembered, and the transport sends it from there.
///
/// Source: Kafka protocol guide, "Protocol Primitive Types"; KIP-482 for the compact forms.
public struct ByteWriter: ~Copyable {
    @usableFromInline var storage: ByteStorage
    /// Bytes written so far, pieces of files not counted.
    public var count: Int
    /// Pieces of files, in ascending order of position.
    public var splices: [Splice]

    /// A piece of a file that belongs before the byte at `position`.
    public struct Splice: Sendable {
        public var position: Int
        public var region: FileRegion
    }

    public init(capacity: Int = 256) {
        self.storage = ByteStorage(capacity: capacity)
        self.count = 0
        self.splices = []
    }

    /// Makes room for `size` more bytes.
    @inlinable
    public mutating func reserve(_ size: Int) {
        if self.count + size > self.storage.capacity { self.grow(size) }
    }

    @usableFromInline
    @inline(never)
    mutating func grow(_ size: Int) {
        let larger = ByteStorage(capacity: max(self.storage.capacity * 2, self.count + size))
        larger.base.copyMemory(from: self.storage.base, byteCount: self.count)
        self.storage = larger
    }

    /// Length of the message in bytes, pieces of files included.
    public var totalCount: Int { self.splices.reduce(self.count) { $0 + $1.region.count } }

    /// The bytes written so far. The writer must not be used to overwrite them afterwards.
    public consuming func finish() -> ByteSlice {
        ByteSlice(storage: self.storage, start: 0, count: self.count)
    }

    /// Calls `body` with the bytes written so far.
    public borrowing func withUnsafeBytes<Result>(_ body: (UnsafeRawBufferPointer) -> Result) -> Result {
        body(UnsafeRawBufferPointer(start: self.storage.base, count: self.count))
    }

    /// Empties the writer and keeps its memory. Only for a writer whose bytes were never handed out.
    public mutating func removeAll() {
        self.count = 0
        self.splices.removeAll(keepingCapacity: true)
    }
}

// MARK: Fixed-width values

extension ByteWriter {
    @inlinable
    public mutating func writeInteger(_ value: some FixedWidthInteger) {
        let size = value.bitWidth / 8
        self.reserve(size)
        (self.storage.base + self.count).storeBytes(of: value.bigEndian, as: type(of: value))
        self.count += size
    }

    @inlinable
    public mutating func writeInt8(_ value: Int8) { self.writeInteger(value) }

    @inlinable
    public mutating func writeInt16(_ value: Int16) { self.writeInteger(value) }

    @inlinable
    public mutating func writeUInt16(_ value: UInt16) { self.writeInteger(value) }

    @inlinable
    public mutating func writeInt32(_ value: Int32) { self.writeInteger(value) }

    @inlinable
    public mutating func writeUInt32(_ value: UInt32) { self.writeInteger(value) }

    @inlinable
    public mutating func writeInt64(_ value: Int64) { self.writeInteger(value) }

    @inlinable
    public mutating func writeFloat64(_ value: Double) { self.writeInteger(value.bitPattern) }

    @inlinable
    public mutating func writeBoolean(_ value: Bool) { self.writeInteger(value ? UInt8(1) : UInt8(0)) }

    @inlinable
    public mutating func writeUUID(_ value: KafkaUUID) {
        self.writeInteger(value.high)
        self.writeInteger(value.low)
    }

    /// Replaces the four bytes at `position`, which must have been written: for a length known only later.
    public mutating func overwriteInt32(_ value: Int32, at position: Int) {
        precondition(position >= 0 && position + 4 <= self.count)
        (self.storage.base + position).storeBytes(of: value.bigEndian, as: Int32.self)
    }
}

// MARK: Variable-width integers

extension ByteWriter {
    @inlinable
    public mutating func writeUnsignedVarint(_ value: UInt32) { self.writeUnsignedVarlong(UInt64(value)) }

    @inlinable
    public mutating func writeUnsignedVarlong(_ value: UInt64) {
        self.reserve(10)
        var rest = value
        while rest >= 0x80 {
            (self.storage.base + self.count).storeBytes(of: UInt8(truncatingIfNeeded: rest) | 0x80, as: UInt8.self)
            self.count += 1
            rest >>= 7
        }
        (self.storage.base + self.count).storeBytes(of: UInt8(truncatingIfNeeded: rest), as: UInt8.self)
        self.count += 1
    }

    /// A zigzag-encoded 32-bit integer, as record batches use.
    @inlinable
    public mutating func writeVarint(_ value: Int32) {
        self.writeUnsignedVarint(UInt32(bitPattern: (value << 1) ^ (value >> 31)))
    }

    /// A zigzag-encoded 64-bit integer, as record batches use.
    @inlinable
    public mutating func writeVarlong(_ value: Int64) {
        self.writeUnsignedVarlong(UInt64(bitPattern: (value << 1) ^ (value >> 63)))
    }

    /// How many bytes `writeUnsignedVarlong` takes for `value`: 1 to 10.
    @inlinable
    public static func unsignedVarlongSize(_ value: UInt64) -> Int {
        max(1, (64 - value.leadingZeroBitCount + 6) / 7)
    }
}

// MARK: Strings, bytes and counts

extension ByteWriter {
    @inlinable
    public mutating func writeBytes(_ bytes: UnsafeRawBufferPointer) {
        guard let source = bytes.baseAddress else { return }
        self.reserve(bytes.count)
        (self.storage.base + self.count).copyMemory(from: source, byteCount: bytes.count)
        self.count += bytes.count
    }

    /// The bytes alone, without a length.
    @inlinable
    public mutating func writeRaw(_ slice: ByteSlice) {
        slice.withUnsafeBytes { self.writeBytes($0) }
    }

    /// A length of 16 bits (32 for bytes and arrays), or a varint one too large where `compact`.
    @inlinable
    public mutating func writeStringLength(_ length: Int, compact: Bool) {
        precondition(length <= Int(Int16.max), "a string on the wire is at most 32,767 bytes")
        if compact {
            self.writeUnsignedVarint(UInt32(length + 1))
        } else {
            self.writeInt16(Int16(length))
        }
    }

    /// The length of a byte field or the count of an array; -1 is null.
    @inlinable
    public mutating func writeCount(_ count: Int, compact: Bool) {
        if compact {
            self.writeUnsignedVarint(UInt32(count + 1))
        } else {
            self.writeInt32(Int32(count))
        }
    }

    @inlinable
    public mutating func writeString(_ value: String, compact: Bool) {
        var value = value
        value.withUTF8 { utf8 in
            self.writeStringLength(utf8.count, compact: compact)
            self.writeBytes(UnsafeRawBufferPointer(utf8))
        }
    }

    @inlinable
    public mutating func writeNullableString(_ value: String?, compact: Bool) {
        if let value {
            self.writeString(value, compact: compact)
        } else {
            self.writeStringLength(-1, compact: compact)
        }
    }

    @inlinable
    public mutating func writeBytes(_ value: ByteSlice, compact: Bool) {
        self.writeCount(value.count, compact: compact)
        self.writeRaw(value)
    }

    @inlinable
    public mutating func writeNullableBytes(_ value: ByteSlice?, compact: Bool) {
        if let value {
            self.writeBytes(value, compact: compact)
        } else {
            self.writeCount(-1, compact: compact)
        }
    }

    /// Where null is not allowed, it is written as no records at all.
    public mutating func writeRecords(_ value: RecordsPayload, compact: Bool, nullable: Bool = true) {
        switch value {
        case .null:
            self.writeCount(nullable ? -1 : 0, compact: compact)
        case .bytes(let slice):
            self.writeBytes(slice, compact: compact)
        case .file(let region):
            self.writeCount(region.count, compact: compact)
            if region.count > 0 { self.splices.append(Splice(position: self.count, region: region)) }
        }
    }
}
