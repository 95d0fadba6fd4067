import ApusCore

/// A file of a simulated disk: what a read sees, and how to undo what has not been synchronized.
final class DiskFile: @unchecked Sendable {
    // Unchecked: touched under the lock of its disk only.

    /// A change that has not been synchronized, with what it takes to undo it.
    enum Change {
        /// `overwritten` is what the bytes replaced, where the file was that long.
        case write(offset: Int, count: Int, oldSize: Int, overwritten: [UInt8])
        /// `cut` is what a shorter file lost.
        case truncate(size: Int, oldSize: Int, cut: [UInt8])
    }

    let number: Int
    private(set) var content: [UInt8] = []
    private(set) var changes: [Change] = []
    /// Milliseconds since 1970-01-01 UTC.
    var modified: Int64 = 0
    /// Reads fail with `EIO`.
    var isUnreadable = false

    /// Changes beyond this have been written back by the system without being asked to, the oldest first.
    private static let changesMax = 16_384

    init(number: Int) {
        self.number = number
    }

    /// Prepares for `count` bytes that are put at `offset` next.
    func beginWrite(at offset: Int, count: Int) {
        let oldSize = self.content.count
        let overwritten = offset < oldSize ? Array(self.content[offset..<min(offset + count, oldSize)]) : []
        self.remember(.write(offset: offset, count: count, oldSize: oldSize, overwritten: overwritten))
    }

    func truncate(to size: Int) {
        let oldSize = self.content.count
        let cut = size < oldSize ? Array(self.content[size...]) : []
        self.remember(.truncate(size: size, oldSize: oldSize, cut: cut))
        self.resize(to: size)
    }

    func synchronize() {
        self.changes.removeAll(keepingCapacity: true)
    }

    /// Changes a byte behind everyone's back.
    func flip(at offset: Int, mask: UInt8) {
        self.content[offset] ^= mask
        self.changes = []
    }

    private func remember(_ change: Change) {
        if self.changes.count >= Self.changesMax { self.changes.removeFirst(Self.changesMax / 2) }
        self.changes.append(change)
    }

    func put(_ bytes: UnsafeRawBufferPointer, at offset: Int) {
        let end = offset + bytes.count
        if offset == self.content.count {
            self.content.append(contentsOf: bytes)
            return
        }
        if self.content.count < end { self.resize(to: end) }
        self.content.withUnsafeMutableBytes { $0[offset..<end].copyBytes(from: bytes) }
    }

    private func resize(to size: Int) {
        if self.content.count > size {
            self.content.removeLast(self.content.count - size)
        } else {
            self.content.append(contentsOf: repeatElement(0, count: size - self.content.count))
        }
    }

    // MARK: - Loss of power

    /// Keeps any combination of the unsynchronized changes; a write may be kept in part, or land in the wrong place
    /// behind all that was synchronized.
    func losePower(_ random: inout SeededRandom, misdirecting: Bool) {
        guard !self.changes.isEmpty else { return }
        let written = self.undoAll()
        let durableSize = self.content.count
        let odds = Int.random(in: 0...4, using: &random)
        for (change, bytes) in zip(self.changes, written) where Int.random(in: 0..<4, using: &random) < odds {
            switch change {
            case .write(var offset, var count, _, _):
                if Int.random(in: 0..<4, using: &random) == 0 { count = Int.random(in: 0...count, using: &random) }
                if misdirecting, offset >= durableSize, Int.random(in: 0..<4, using: &random) == 0 {
                    offset = Int.random(in: durableSize...offset, using: &random)
                }
                bytes.withUnsafeBytes { self.put(UnsafeRawBufferPointer(rebasing: $0[..<count]), at: offset) }
            case .truncate(let size, _, _):
                self.resize(to: size)
            }
        }
        self.changes = []
    }

    /// Goes back to what was synchronized last, and tells what each change had written.
    private func undoAll() -> [[UInt8]] {
        var written: [[UInt8]] = []
        written.reserveCapacity(self.changes.count)
        for change in self.changes.reversed() {
            switch change {
            case .write(let offset, let count, let oldSize, let overwritten):
                written.append(Array(self.content[offset..<offset + count]))
                overwritten.withUnsafeBytes { self.put($0, at: offset) }
                self.resize(to: oldSize)
            case .truncate(let size, let oldSize, let cut):
                written.append([])
                self.resize(to: oldSize)
                cut.withUnsafeBytes { self.put($0, at: min(size, oldSize)) }
            }
        }
        return written.reversed()
    }
}
