import FileSystem
import Glibc
import Synchronization

/// An open file of a simulated disk.
final class SimulatedFile: OpenFile, @unchecked Sendable {
    // Unchecked: the state is the disk's, behind its lock.
    private let node: Int
    /// The disk's life in which the file was opened; after a restart it is of no use.
    private let life: Int
    private let fileSystem: SimulatedFileSystem

    init(path: String, node: Int, life: Int, fileSystem: SimulatedFileSystem) {
        self.node = node
        self.life = life
        self.fileSystem = fileSystem
        super.init(path: path, descriptor: -1)
    }

    private func disk<Result>(
        _ operation: FileSystemError.Operation,
        _ body: (inout SimulatedDisk) throws(FileSystemError) -> Result
    ) throws(FileSystemError) -> Result {
        try self.fileSystem.disk.withLock { (disk) throws(FileSystemError) in
            guard disk.life == self.life else { throw FileSystemError(operation, errno: EBADF, path: self.path) }
            return try body(&disk)
        }
    }

    override func read(
        into buffer: UnsafeMutableRawBufferPointer, at offset: Int64
    ) throws(FileSystemError) -> Int {
        let bytes = try self.disk(.read) { (disk) throws(FileSystemError) in
            try disk.read(self.node, at: Int(offset), count: buffer.count, path: self.path)
        }
        buffer.copyBytes(from: bytes)
        return bytes.count
    }

    override func write(_ bytes: borrowing GatheredBytes, at offset: Int64) throws(FileSystemError) {
        var content: [UInt8] = []
        content.reserveCapacity(bytes.count)
        for piece in bytes.pieces {
            content += UnsafeRawBufferPointer(start: piece.iov_base, count: piece.iov_len)
        }
        try self.disk(.write) { (disk) throws(FileSystemError) in
            try disk.write(self.node, content, at: Int(offset), path: self.path)
        }
    }

    override func truncate(to size: Int64) throws(FileSystemError) {
        try self.disk(.truncate) { (disk) throws(FileSystemError) in
            try disk.truncate(self.node, to: Int(size), path: self.path)
        }
    }

    override func synchronize() throws(FileSystemError) {
        try self.disk(.synchronize) { (disk) throws(FileSystemError) in
            try disk.synchronize(self.node, path: self.path)
        }
    }

    override func size() throws(FileSystemError) -> Int64 {
        try self.disk(.size) { (disk) throws(FileSystemError) in
            Int64(try disk.size(self.node, path: self.path))
        }
    }
}
