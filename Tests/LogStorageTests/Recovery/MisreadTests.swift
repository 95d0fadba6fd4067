import ApusCore
import FileSystem
import KafkaRecords
import LogStorage
import SimulatedStorage
import Testing

/// A file that is right, of which a read has returned something else once.
@Suite("A log that is misread")
struct MisreadTests {
    /// Turns a bit in the first read that covers a byte.
    private final class Misreading: DiskObserver, @unchecked Sendable {
        // Unchecked: a test is one thread.
        var position = -1
        var times = 0

        func diskWorks(_ operation: FileSystemError.Operation, bytes: Int) -> Int64 { 0 }

        func diskReturns(_ bytes: UnsafeMutableRawBufferPointer, at offset: Int, of path: String) {
            let place = self.position - offset
            guard self.times > 0, path.hasSuffix(".log"), bytes.indices.contains(place) else { return }
            bytes[place] ^= 0x10
            self.times -= 1
        }
    }

    private static let batchSizes: [(count: Int, valueSize: Int)] = [(3, 40), (1, 0), (2, 100)]

    /// Opens a log after a kill, of which a byte is misread so many times; returns it with what was appended.
    private func reopened(
        misreading position: Int, times: Int
    ) throws -> (log: PartitionLog, appended: [BatchSummary], misreads: Int) {
        let misreading = Misreading()
        let fileSystem = SimulatedFileSystem(observer: misreading)
        let fixture = try LogFixture(fileSystem)
        let log = try fixture.open()
        for size in Self.batchSizes { try log.append(size.count, valueSize: size.valueSize) }
        let appended = try log.everything()
        fileSystem.restartAfterKill()
        (misreading.position, misreading.times) = (position, times)
        let reopened = try LogFixture(fileSystem).open()
        return (reopened, appended, times - misreading.times)
    }

    /// The bytes of the first two batches that their checksums cover, and the checksums.
    private var covered: [Int] {
        get throws {
            let fixture = try LogFixture(SimulatedFileSystem())
            let log = try fixture.open()
            for size in Self.batchSizes { try log.append(size.count, valueSize: size.valueSize) }
            var found: [Int] = []
            var start = 0
            for header in try log.headers(from: 0).prefix(2) {
                found += start + 17..<start + header.sizeInBytes
                start += header.sizeInBytes
            }
            return found
        }
    }

    @Test func `a recovery that misreads a batch once cuts nothing off`() throws {
        for position in try self.covered {
            let (log, appended, misreads) = try self.reopened(misreading: position, times: 1)
            #expect(misreads == 1, "byte \(position)")
            #expect(try log.everything() == appended, "byte \(position)")
        }
    }

    @Test func `a batch that is damaged whenever it is read is cut off`() throws {
        for position in try self.covered {
            let (log, appended, _) = try self.reopened(misreading: position, times: .max)
            #expect(log.logEndOffset < appended[appended.count - 1].last, "byte \(position)")
        }
    }
}
