import KafkaPrimitives

/// Memory that a codec writes to, growing up to a limit.
struct BoundedOutput {
    private(set) var storage: ByteStorage
    /// Bytes written.
    private(set) var count: Int
    /// At most this many bytes are taken.
    let limit: Int

    /// Starts behind `reserved` bytes, which the caller fills in later and which count towards the limit.
    init(storage: ByteStorage, reserved: Int = 0, limit: Int) {
        precondition(reserved <= storage.capacity && reserved <= limit)
        self.storage = storage
        self.count = reserved
        self.limit = limit
    }

    /// Bytes that can be written at `next` now. One more than the limit permits is lent, so that a codec that ends
    /// exactly at the limit is told from one that goes on.
    var room: Int { min(self.storage.capacity, self.limit + 1) - self.count }

    /// Where the next byte goes.
    var next: UnsafeMutableRawPointer { self.storage.base + self.count }

    /// The bytes written, the reserved ones included.
    var slice: ByteSlice { ByteSlice(storage: self.storage, start: 0, count: self.count) }

    /// Counts bytes that were written at `next`. Throws `decompressedTooLarge` past the limit.
    mutating func advance(_ size: Int) throws(RecordError) {
        precondition(size >= 0 && size <= self.room)
        self.count += size
        guard self.count <= self.limit else { throw self.tooLarge }
    }

    /// Makes room for `size` bytes or more. Throws `decompressedTooLarge` where that is past the limit.
    mutating func reserve(_ size: Int) throws(RecordError) {
        guard size > self.room else { return }
        guard size <= self.limit + 1 - self.count else { throw self.tooLarge }
        let wanted = max(self.count + size, min(self.storage.capacity * 2, self.limit + 1))
        let larger = ByteStorage(capacity: wanted)
        larger.base.copyMemory(from: self.storage.base, byteCount: self.count)
        self.storage = larger
    }

    private var tooLarge: RecordError {
        RecordError(.decompressedTooLarge, "records take more than \(self.limit) bytes once decompressed")
    }
}
