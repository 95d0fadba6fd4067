import Foundation
import KafkaPrimitives

/// A file of bytes that tell their place, which goes away with this object.
final class TestFile: Sendable {
    let descriptor: Int32
    let bytes: [UInt8]
    private let path: String

    init(count: Int) throws {
        var bytes = [UInt8](repeating: 0, count: count)
        for index in stride(from: 0, to: count, by: 509) { bytes[index] = UInt8(truncatingIfNeeded: 1 + index / 509) }
        self.bytes = bytes
        // Not in the temporary directory, which may lie in memory and never be cold.
        self.path = "/var/tmp/apus-region-\(UUID().uuidString)"
        try Data(bytes).write(to: URL(fileURLWithPath: self.path))
        self.descriptor = open(self.path, O_RDWR | O_CLOEXEC)
    }

    deinit {
        close(self.descriptor)
        unlink(self.path)
    }

    func region(_ range: Range<Int>) -> FileRegion {
        FileRegion(owner: self, descriptor: self.descriptor, offset: Int64(range.lowerBound), count: range.count)
    }

    func truncate(to count: Int) { ftruncate(self.descriptor, off_t(count)) }

    /// Drops the file from the page cache, as far as the system agrees.
    func cool() {
        fsync(self.descriptor)
        posix_fadvise(self.descriptor, 0, 0, POSIX_FADV_DONTNEED)
    }
}
