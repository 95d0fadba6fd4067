import CSystem
import Glibc
import KafkaPrimitives

/// What one loop needs to gather the output of one connection at a time into one system call. Nothing in it outlives
/// the call: what was not sent is gathered again. Only on the loop.
final class GatherScratch {
    /// Pieces in one call.
    static let pieceCountMax = 256
    /// Bytes of files copied for one call; less is sent over again where the call takes less.
    static let copiedBytesMax = 256 * 1024
    /// Files are sent from the page cache from this size on, and copied below: measured, a copy is cheaper there.
    static let sendfileBytesMin = 64 * 1024

    let pieces = UnsafeMutablePointer<iovec>.allocate(capacity: GatherScratch.pieceCountMax)
    private let prefixes = UnsafeMutablePointer<UInt32>.allocate(capacity: GatherScratch.pieceCountMax)
    private var copies: UnsafeMutableRawPointer?

    deinit {
        self.pieces.deallocate()
        self.prefixes.deallocate()
        self.copies?.deallocate()
    }

    enum Step {
        case empty
        /// The first `count` pieces hold `bytes` bytes; where `more`, a file follows.
        case pieces(count: Int, bytes: Int, more: Bool)
        /// A piece of a file, to be sent from the page cache.
        case file(FileRegion)
        /// A piece of a file that is not in memory.
        case cold(FileRegion)
        case failed(CloseReason)
    }

    /// Collects what to send next on a plain socket.
    ///
    /// - Parameter isWarm: the file at the front was just read into memory: it is not asked again whether it is there.
    func gather(_ queue: borrowing OutputQueue, isWarm: Bool) -> Step {
        var cursor = queue.start
        var (count, bytes, copied) = (0, 0, 0)
        while count < Self.pieceCountMax, let piece = queue.next(&cursor) {
            switch piece {
            case .prefix(let word, let skip):
                self.prefixes[count] = word
                self.add(UnsafeMutableRawPointer(self.prefixes + count) + skip, piece.count, at: count)
            case .bytes(let slice):
                self.add(UnsafeMutableRawPointer(mutating: slice.pointer), slice.count, at: count)
            case .file(let region) where region.count >= Self.sendfileBytesMin:
                return count == 0 ? .file(region) : .pieces(count: count, bytes: bytes, more: true)
            case .file(let region):
                let target = self.copyBuffer + copied
                let isFront = count == 0
                guard copied + region.count <= Self.copiedBytesMax else {
                    return .pieces(count: count, bytes: bytes, more: true)
                }
                switch PageCacheRead.read(region, into: target, isWarm: isWarm && isFront) {
                case .complete: break
                case .cold: return isFront ? .cold(region) : .pieces(count: count, bytes: bytes, more: false)
                case .failed(let reason):
                    return isFront ? .failed(reason) : .pieces(count: count, bytes: bytes, more: false)
                }
                copied += region.count
                self.add(target, region.count, at: count)
            }
            count += 1
            bytes += piece.count
        }
        return count == 0 ? .empty : .pieces(count: count, bytes: bytes, more: false)
    }

    enum FlatStep {
        /// Valid until the next call, or until the queue changes.
        case bytes(UnsafeRawBufferPointer)
        case cold(FileRegion)
        case failed(CloseReason)
    }

    /// Memory of this size is encrypted where it lies: one record of TLS.
    private static let directBytesMin = 16 * 1024

    /// Collects up to `limit` bytes of a queue that is not empty in one stretch, for TLS.
    func flatten(_ queue: borrowing OutputQueue, limit: Int, isWarm: Bool) -> FlatStep {
        precondition(limit <= Self.copiedBytesMax)
        let buffer = self.copyBuffer
        var cursor = queue.start
        var count = 0
        while count < limit, let piece = queue.next(&cursor) {
            let size = min(piece.count, limit - count)
            switch piece {
            case .prefix(let word, let skip):
                withUnsafeBytes(of: word) { bytes in
                    UnsafeMutableRawBufferPointer(start: buffer + count, count: size)
                        .copyMemory(from: UnsafeRawBufferPointer(rebasing: bytes[skip..<skip + size]))
                }
            case .bytes(let slice) where count == 0 && size >= Self.directBytesMin:
                return .bytes(UnsafeRawBufferPointer(start: slice.pointer, count: size))
            case .bytes(let slice):
                (buffer + count).copyMemory(from: slice.pointer, byteCount: size)
            case .file(let region):
                let front = FileRegion(
                    owner: region.owner, descriptor: region.descriptor, offset: region.offset, count: size)
                switch PageCacheRead.read(front, into: buffer + count, isWarm: isWarm && count == 0) {
                case .complete: break
                case .cold where count == 0: return .cold(region)
                case .failed(let reason) where count == 0: return .failed(reason)
                case .cold, .failed: return .bytes(UnsafeRawBufferPointer(start: buffer, count: count))
                }
            }
            count += size
        }
        return .bytes(UnsafeRawBufferPointer(start: buffer, count: count))
    }

    enum CopyStep {
        /// So many bytes lie in the first piece.
        case bytes(Int)
        case failed(CloseReason)
    }

    /// The front of a file as the first piece, without asking whether it is in memory.
    func copy(_ region: FileRegion, limit: Int) -> CopyStep {
        let size = min(region.count, limit, Self.copiedBytesMax)
        let front = FileRegion(
            owner: region.owner, descriptor: region.descriptor, offset: region.offset, count: size)
        switch PageCacheRead.read(front, into: self.copyBuffer, isWarm: true) {
        case .complete, .cold: break
        case .failed(let reason): return .failed(reason)
        }
        self.add(self.copyBuffer, size, at: 0)
        return .bytes(size)
    }

    private func add(_ address: UnsafeMutableRawPointer, _ count: Int, at index: Int) {
        self.pieces[index] = iovec(iov_base: address, iov_len: count)
    }

    private var copyBuffer: UnsafeMutableRawPointer {
        if let copies = self.copies { return copies }
        let fresh = UnsafeMutableRawPointer.allocate(byteCount: Self.copiedBytesMax, alignment: 4096)
        self.copies = fresh
        return fresh
    }
}
