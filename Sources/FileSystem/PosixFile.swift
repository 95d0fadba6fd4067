import CFileSystem
import Glibc

/// An open file of the operating system.
final class PosixFile: OpenFile, @unchecked Sendable {
    // Unchecked: adds no state to the class above.

    /// More pieces than this are written with several calls: the system's limit (`IOV_MAX`).
    private static let piecesMax = 1024

    deinit {
        // Nothing can be done about an error here, and nothing depends on it: what matters was synchronized.
        _ = Glibc.close(self.descriptor)
    }

    private func failure(_ operation: FileSystemError.Operation) -> FileSystemError {
        FileSystemError(operation, errno: Glibc.errno, path: self.path)
    }

    override func read(
        into buffer: UnsafeMutableRawBufferPointer, at offset: Int64
    ) throws(FileSystemError) -> Int {
        guard let base = buffer.baseAddress else { return 0 }
        var done = 0
        while done < buffer.count {
            let count = pread(self.descriptor, base + done, buffer.count - done, off_t(offset) + done)
            if count == 0 { break }
            if count < 0 {
                guard Glibc.errno == EINTR else { throw self.failure(.read) }
                continue
            }
            done += count
        }
        return done
    }

    override func write(_ bytes: borrowing GatheredBytes, at offset: Int64) throws(FileSystemError) {
        let pieces = bytes.pieces
        var position = off_t(offset)
        // The first piece not wholly written, and how much of it is.
        var next = 0
        var partial = 0
        while next < pieces.count {
            let written: Int
            if partial > 0 {
                let piece = pieces[next]
                let rest = piece.iov_base.map { UnsafeRawPointer($0 + partial) }
                written = pwrite(self.descriptor, rest, piece.iov_len - partial, position)
            } else {
                written = pieces.withUnsafeBufferPointer { buffer in
                    guard let base = buffer.baseAddress else { return 0 }
                    let count = Int32(min(buffer.count - next, Self.piecesMax))
                    return pwritev(self.descriptor, base + next, count, position)
                }
            }
            if written < 0 {
                guard Glibc.errno == EINTR else { throw self.failure(.write) }
                continue
            }
            position += written
            partial += written
            while next < pieces.count, partial >= pieces[next].iov_len {
                partial -= pieces[next].iov_len
                next += 1
            }
        }
    }

    override func truncate(to size: Int64) throws(FileSystemError) {
        guard ftruncate(self.descriptor, off_t(size)) == 0 else { throw self.failure(.truncate) }
    }

    override func synchronize() throws(FileSystemError) {
        guard fdatasync(self.descriptor) == 0 else { throw self.failure(.synchronize) }
    }

    override func size() throws(FileSystemError) -> Int64 {
        var status = stat()
        guard fstat(self.descriptor, &status) == 0 else { throw self.failure(.size) }
        return Int64(status.st_size)
    }

    override func isResident(at offset: Int64) -> Bool {
        var byte: UInt8 = 0
        return apus_read_resident(self.descriptor, &byte, 1, offset) != -Int(EAGAIN)
    }

    override func prefetch(at offset: Int64, count: Int64) {
        // A hint: the read that follows finds out whether it worked.
        _ = posix_fadvise(self.descriptor, off_t(offset), off_t(count), POSIX_FADV_WILLNEED)
    }
}
