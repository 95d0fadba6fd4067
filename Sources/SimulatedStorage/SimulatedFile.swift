import FileSystem
import Glibc
import Synchronization

/// An open file of a simulated disk.
final class SimulatedFile: OpenFile, @unchecked Sendable {
    // Unchecked: the state is the disk's, behind its lock.
    private let file: DiskFile
    /// The disk's life in which the file was opened; after a restart it is of no use.
    private let life: Int
    private let fileSystem: SimulatedFileSystem

    init(path: String, file: DiskFile, life: Int, fileSystem: SimulatedFileSystem) {
        self.file = file
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
        let count = try self.disk(.read) { (disk) throws(FileSystemError) in
            try disk.read(self.file, at: Int(offset), into: buffer, path: self.path)
        }
        self.fileSystem.tell(.read, bytes: count)
        let found = UnsafeMutableRawBufferPointer(rebasing: buffer[..<count])
        self.fileSystem.tell(returning: found, at: Int(offset), of: self.path)
        return count
    }

    override func write(_ bytes: borrowing GatheredBytes, at offset: Int64) throws(FileSystemError) {
        self.fileSystem.tell(.write, bytes: bytes.count)
        // A closure cannot borrow.
        let gathered = copy bytes
        try self.disk(.write) { (disk) throws(FileSystemError) in
            try disk.write(self.file, gathered, at: Int(offset), path: self.path)
        }
    }

    override func truncate(to size: Int64) throws(FileSystemError) {
        try self.disk(.truncate) { (disk) throws(FileSystemError) in
            try disk.truncate(self.file, to: Int(size), path: self.path)
        }
    }

    override func synchronize() throws(FileSystemError) {
        self.fileSystem.tell(.synchronize, bytes: 0)
        try self.disk(.synchronize) { (disk) throws(FileSystemError) in
            try disk.synchronize(self.file, path: self.path)
        }
    }

    override func size() throws(FileSystemError) -> Int64 {
        try self.disk(.size) { (disk) throws(FileSystemError) in
            Int64(try disk.size(self.file, path: self.path))
        }
    }
}
