import ApusCore
import EventLoop
import KafkaPrimitives

/// The buffers one loop lends to its connections while data is pending.
///
/// What comes back is kept up to a bound, and let go after a while without use, so that a loop that falls idle holds
/// next to nothing. Only on the loop.
final class BufferPool {
    /// Bytes kept at most for lending again.
    private static let retainedBytesMax = 16 * 1024 * 1024
    /// A size that nobody asked for this long is let go.
    private static let idleMax = Interval.seconds(10)
    private static let smallest = ReceiveSize.smallest
    /// Sizes double: 16 KiB to 16 MiB. Larger buffers are made for one use.
    private static let classCount = 11

    private let loop: EventLoop
    private var free: [[ByteStorage]] = Array(repeating: [], count: BufferPool.classCount)
    private var wasUsed = Array(repeating: false, count: BufferPool.classCount)
    private(set) var retainedBytes = 0
    private var isTrimScheduled = false

    init(loop: EventLoop) {
        self.loop = loop
    }

    /// A buffer of at least `capacity` bytes that nobody else refers to.
    func lend(_ capacity: Int) -> ByteStorage {
        guard let index = Self.classIndex(capacity) else { return ByteStorage(capacity: capacity) }
        self.wasUsed[index] = true
        if let storage = self.free[index].popLast() {
            self.retainedBytes -= storage.capacity
            return storage
        }
        return ByteStorage(capacity: Self.smallest << index)
    }

    /// Empties `slot`, and keeps the buffer for lending where nothing else refers to it.
    func takeBack(_ slot: inout ByteStorage?) {
        let isUnique = isKnownUniquelyReferenced(&slot)
        guard let storage = slot else { return }
        slot = nil
        guard isUnique, let index = Self.classIndex(storage.capacity), storage.capacity == Self.smallest << index,
            self.retainedBytes + storage.capacity <= Self.retainedBytesMax
        else { return }
        self.free[index].append(storage)
        self.retainedBytes += storage.capacity
        self.scheduleTrim()
    }

    private static func classIndex(_ capacity: Int) -> Int? {
        var index = 0
        while index < self.classCount {
            if capacity <= self.smallest << index { return index }
            index += 1
        }
        return nil
    }

    private func scheduleTrim() {
        guard !self.isTrimScheduled else { return }
        self.isTrimScheduled = true
        _ = self.loop.schedule(after: Self.idleMax) { [weak self] in self?.trim() }
    }

    /// Runs only while something is retained: an idle loop is not woken by it.
    private func trim() {
        self.isTrimScheduled = false
        for index in 0..<Self.classCount {
            if !self.wasUsed[index] {
                self.retainedBytes -= self.free[index].reduce(0) { $0 + $1.capacity }
                self.free[index].removeAll()
            }
            self.wasUsed[index] = false
        }
        if self.retainedBytes > 0 { self.scheduleTrim() }
    }
}
