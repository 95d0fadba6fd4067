/// A counted, read-only view of bytes in a `ByteStorage`. Copying it copies no bytes and keeps the storage alive.
public struct ByteSlice: Sendable {
    public let storage: ByteStorage
    /// Position of the first byte in `storage`.
    public let start: Int
    public let count: Int

    private static let emptyStorage = ByteStorage(capacity: 0)

    /// The bytes from `start` to `start + count` of `storage`, which must lie within it.
    @inlinable
    public init(storage: ByteStorage, start: Int, count: Int) {
        precondition(start >= 0 && count >= 0 && start <= storage.capacity - count)
        self.storage = storage
        self.start = start
        self.count = count
    }

    /// No bytes at all.
    public static var empty: ByteSlice { ByteSlice(storage: self.emptyStorage, start: 0, count: 0) }

    /// A copy of `bytes` in storage of its own.
    public init(copying bytes: UnsafeRawBufferPointer) {
        let storage = ByteStorage(capacity: bytes.count)
        if let source = bytes.baseAddress {
            storage.base.copyMemory(from: source, byteCount: bytes.count)
        }
        self.init(storage: storage, start: 0, count: bytes.count)
    }

    public init(_ bytes: [UInt8]) {
        self = bytes.withUnsafeBytes { ByteSlice(copying: $0) }
    }

    /// The address of the first byte; valid while `storage` is referenced.
    @inlinable
    public var pointer: UnsafeRawPointer { UnsafeRawPointer(self.storage.base + self.start) }

    @inlinable
    public var isEmpty: Bool { self.count == 0 }

    /// Calls `body` with the bytes, which stay valid until it returns.
    @inlinable
    public func withUnsafeBytes<Result, Failure: Error>(
        _ body: (UnsafeRawBufferPointer) throws(Failure) -> Result
    ) throws(Failure) -> Result {
        defer { withExtendedLifetime(self.storage) {} }
        return try body(UnsafeRawBufferPointer(start: self.pointer, count: self.count))
    }

    /// The bytes in `range`, counted from the start of this slice.
    @inlinable
    public subscript(range: Range<Int>) -> ByteSlice {
        precondition(range.lowerBound >= 0 && range.upperBound <= self.count)
        return ByteSlice(storage: self.storage, start: self.start + range.lowerBound, count: range.count)
    }

    /// A copy of the bytes.
    public var array: [UInt8] { self.withUnsafeBytes { Array($0) } }
}

extension ByteSlice: Hashable {
    public static func == (lhs: ByteSlice, rhs: ByteSlice) -> Bool {
        lhs.withUnsafeBytes { left in rhs.withUnsafeBytes { right in left.elementsEqual(right) } }
    }

    public func hash(into hasher: inout Hasher) {
        self.withUnsafeBytes { hasher.combine(bytes: $0) }
    }
}
