import Glibc

/// Bytes in the order in which they were put in. Grows as needed; the owner bounds what is in it.
struct ByteQueue: ~Copyable {
    private var storage: UnsafeMutableRawPointer?
    private var capacity = 0
    private var start = 0
    private var end = 0

    deinit {
        free(self.storage)
    }

    var count: Int { self.end - self.start }

    mutating func append(_ bytes: UnsafeRawBufferPointer) {
        guard let source = bytes.baseAddress, bytes.count > 0 else { return }
        if self.end + bytes.count > self.capacity { self.makeRoom(for: bytes.count) }
        memcpy(self.storage.unsafelyUnwrapped + self.end, source, bytes.count)
        self.end += bytes.count
    }

    /// Moves up to `count` bytes from the front into `room`.
    mutating func take(into room: UnsafeMutableRawBufferPointer, atMost count: Int) -> Int {
        let taken = min(room.count, count, self.count)
        guard taken > 0, let target = room.baseAddress, let storage = self.storage else { return 0 }
        memcpy(target, storage + self.start, taken)
        self.start += taken
        if self.start == self.end {
            self.start = 0
            self.end = 0
        }
        return taken
    }

    /// Forgets what is behind the first `count` bytes.
    mutating func truncate(to count: Int) {
        self.end = min(self.end, self.start + count)
    }

    private mutating func makeRoom(for count: Int) {
        let used = self.count
        if used + count <= self.capacity, let storage = self.storage {
            memmove(storage, storage + self.start, used)
        } else {
            self.capacity = max(4096, (used + count) * 2)
            guard let storage = malloc(self.capacity) else {
                preconditionFailure("no memory for \(self.capacity) bytes")
            }
            if let old = self.storage { memcpy(storage, old + self.start, used) }
            free(self.storage)
            self.storage = storage
        }
        self.start = 0
        self.end = used
    }
}
