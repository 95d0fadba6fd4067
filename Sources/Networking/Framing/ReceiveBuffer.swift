import Glibc
import KafkaPrimitives

/// The bytes a connection has received and not yet delivered, in a buffer that is borrowed while there are any.
///
/// Frames come out as slices of the buffer. Received bytes are never changed while a slice may refer to them: further
/// bytes go behind them, or into another buffer.
struct ReceiveBuffer {
    /// A frame larger than this gets its memory as its bytes arrive, for its length alone is only a claim.
    static let trustedBytesMax = 16 * 1024 * 1024

    private var storage: ByteStorage?
    private var start = 0
    private var end = 0

    /// Bytes that were not delivered.
    var pending: Int { self.end - self.start }

    /// Whether memory is held.
    var isHolding: Bool { self.storage != nil }

    /// Bytes received at once where less is missing of the frame at hand.
    private static let aheadMax = 64 * 1024

    /// Room to receive into: not empty, and valid until the next call. Within a large frame it ends with the frame, so
    /// that the next one, which may find no room behind it, is not moved.
    ///
    /// - Parameters:
    ///   - total: bytes, from the first pending one, that the frame at hand needs in all.
    ///   - size: bytes a new buffer should have.
    mutating func room(total: Int, size: Int, pool: BufferPool) -> UnsafeMutableRawBufferPointer {
        let storage = self.fittingStorage(total: total, size: size, pool: pool)
        let count = min(storage.capacity - self.end, max(total - self.pending, Self.aheadMax))
        return UnsafeMutableRawBufferPointer(start: storage.base + self.end, count: count)
    }

    private mutating func fittingStorage(total: Int, size: Int, pool: BufferPool) -> ByteStorage {
        let isUnique = isKnownUniquelyReferenced(&self.storage)
        guard let current = self.storage else {
            let fresh = pool.lend(max(size, min(total, Self.trustedBytesMax)))
            (self.storage, self.start, self.end) = (fresh, 0, 0)
            return fresh
        }
        let isGrowing = self.start == 0 && self.end < current.capacity && current.capacity >= Self.trustedBytesMax
        if self.start + total <= current.capacity || isGrowing { return current }
        let pending = self.pending
        if isUnique, total <= current.capacity {
            memmove(current.base, current.base + self.start, pending)
            (self.start, self.end) = (0, pending)
            return current
        }
        let trusted = max(Self.trustedBytesMax, pending * 4)
        let fresh = pool.lend(max(size, min(total, trusted)))
        fresh.base.copyMemory(from: current.base + self.start, byteCount: pending)
        self.giveBack(to: pool)
        (self.storage, self.start, self.end) = (fresh, 0, pending)
        return fresh
    }

    /// `count` bytes were put into the room.
    mutating func received(_ count: Int) {
        self.end += count
    }

    /// What the pending bytes begin with.
    func scan(limit: Int) -> FrameScan {
        guard let storage = self.storage else { return .incomplete(total: FrameScan.prefixBytes) }
        return FrameScan(UnsafeRawBufferPointer(start: storage.base + self.start, count: self.pending), limit: limit)
    }

    /// Takes out the frame that `scan` found.
    mutating func take(_ payload: Range<Int>) -> ByteSlice {
        guard let storage = self.storage else { preconditionFailure("a frame lies in memory") }
        let slice = ByteSlice(storage: storage, start: self.start + payload.lowerBound, count: payload.count)
        self.start += payload.upperBound
        return slice
    }

    /// Gives the memory back where nothing is pending.
    mutating func releaseIfEmpty(to pool: BufferPool) {
        if self.start == self.end { self.giveBack(to: pool) }
    }

    /// Gives the memory back, and what is pending with it.
    mutating func giveBack(to pool: BufferPool) {
        pool.takeBack(&self.storage)
        (self.start, self.end) = (0, 0)
    }
}
