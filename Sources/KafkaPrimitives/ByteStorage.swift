/// One block of raw memory that slices share and count.
///
/// Whoever holds the only reference may write into it; once a slice of a written part is handed out, that part is
/// never changed again. That rule, not the type, makes sharing between threads safe.
public final class ByteStorage: @unchecked Sendable {
    // Unchecked: `base` and `capacity` never change, and the bytes follow the rule above.
    public let base: UnsafeMutableRawPointer
    /// Bytes of memory behind `base`.
    public let capacity: Int

    public init(capacity: Int) {
        precondition(capacity >= 0)
        self.base = .allocate(byteCount: max(capacity, 1), alignment: 16)
        self.capacity = capacity
    }

    deinit {
        self.base.deallocate()
    }
}
