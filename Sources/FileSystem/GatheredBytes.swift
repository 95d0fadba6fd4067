public import Glibc
public import KafkaPrimitives

/// Pieces of memory that one positional write puts into a file one after the other.
///
/// Kept by its owner and emptied after each write, so that gathering allocates nothing once it has grown. It does not
/// keep the memory alive: the owner holds the slices until the write has returned.
public struct GatheredBytes {
    public private(set) var pieces: [iovec] = []
    /// Length of all pieces in bytes.
    public private(set) var count = 0

    public init() {}

    /// Adds the bytes, which must stay where they are until the write has returned.
    @inlinable
    public mutating func append(_ slice: ByteSlice) {
        self.append(UnsafeRawBufferPointer(start: slice.pointer, count: slice.count))
    }

    /// Adds the bytes, which must stay where they are until the write has returned.
    public mutating func append(_ bytes: UnsafeRawBufferPointer) {
        guard bytes.count > 0 else { return }
        self.pieces.append(iovec(iov_base: UnsafeMutableRawPointer(mutating: bytes.baseAddress), iov_len: bytes.count))
        self.count += bytes.count
    }

    public mutating func removeAll() {
        self.pieces.removeAll(keepingCapacity: true)
        self.count = 0
    }
}
