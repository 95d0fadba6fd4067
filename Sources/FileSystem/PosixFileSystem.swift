import Glibc

/// The operating system's files.
public final class PosixFileSystem: FileSystemPort, @unchecked Sendable {
    // Unchecked: adds no state to the class above.

    /// Files are readable by everyone and folders can be entered by everyone, less the process's mask; as Kafka's.
    private static let fileMode: mode_t = 0o666
    private static let directoryMode: mode_t = 0o777

    public override func open(_ path: String, _ mode: OpenMode) throws(FileSystemError) -> OpenFile {
        let flags =
            switch mode {
            case .readOnly: O_RDONLY
            case .readWrite: O_RDWR
            case .createIfAbsent: O_RDWR | O_CREAT
            case .createNew: O_RDWR | O_CREAT | O_EXCL
            case .createOrTruncate: O_RDWR | O_CREAT | O_TRUNC
            }
        return PosixFile(path: path, descriptor: try Self.descriptor(path, flags))
    }

    private static func descriptor(_ path: String, _ flags: Int32) throws(FileSystemError) -> Int32 {
        while true {
            let descriptor = Glibc.open(path, flags | O_CLOEXEC, Self.fileMode)
            if descriptor >= 0 { return descriptor }
            guard Glibc.errno == EINTR else { throw FileSystemError(.open, errno: Glibc.errno, path: path) }
        }
    }

    private static func check(
        _ result: Int32, _ operation: FileSystemError.Operation, _ path: String
    ) throws(FileSystemError) {
        if result != 0 { throw FileSystemError(operation, errno: Glibc.errno, path: path) }
    }

    public override func rename(_ source: String, to target: String) throws(FileSystemError) {
        try Self.check(Glibc.rename(source, target), .rename, source)
    }

    public override func remove(_ path: String) throws(FileSystemError) {
        try Self.check(unlink(path), .remove, path)
    }

    public override func createDirectory(_ path: String) throws(FileSystemError) {
        try Self.check(mkdir(path, Self.directoryMode), .createDirectory, path)
    }

    public override func removeDirectory(_ path: String) throws(FileSystemError) {
        try Self.check(rmdir(path), .removeDirectory, path)
    }

    public override func synchronizeDirectory(_ path: String) throws(FileSystemError) {
        let descriptor = try Self.descriptor(path, O_RDONLY | O_DIRECTORY)
        let result = fsync(descriptor)
        let failure = Glibc.errno
        // Closing a descriptor that was only synchronized cannot lose anything.
        _ = close(descriptor)
        guard result == 0 else { throw FileSystemError(.synchronizeDirectory, errno: failure, path: path) }
    }

    public override func list(_ path: String) throws(FileSystemError) -> [Entry] {
        guard let directory = opendir(path) else { throw FileSystemError(.list, errno: Glibc.errno, path: path) }
        defer { closedir(directory) }
        var entries: [Entry] = []
        while true {
            Glibc.errno = 0
            guard let entry = readdir(directory) else { break }
            let name = withUnsafePointer(to: &entry.pointee.d_name) { pointer in
                pointer.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
            }
            if name == "." || name == ".." { continue }
            var isDirectory = entry.pointee.d_type == UInt8(DT_DIR)
            if entry.pointee.d_type == UInt8(DT_UNKNOWN) || entry.pointee.d_type == UInt8(DT_LNK) {
                isDirectory = try self.attributes("\(path)/\(name)")?.isDirectory ?? false
            }
            entries.append(Entry(name: name, isDirectory: isDirectory))
        }
        guard Glibc.errno == 0 else { throw FileSystemError(.list, errno: Glibc.errno, path: path) }
        return entries.sorted { $0.name < $1.name }
    }

    public override func attributes(_ path: String) throws(FileSystemError) -> Attributes? {
        var status = stat()
        guard stat(path, &status) == 0 else {
            if Glibc.errno == ENOENT || Glibc.errno == ENOTDIR { return nil }
            throw FileSystemError(.attributes, errno: Glibc.errno, path: path)
        }
        return Attributes(
            size: Int64(status.st_size),
            modified: Int64(status.st_mtim.tv_sec) * 1000 + Int64(status.st_mtim.tv_nsec) / 1_000_000,
            isDirectory: status.st_mode & S_IFMT == S_IFDIR)
    }

    public override func lock(_ path: String) throws(FileSystemError) -> any AnyObject & Sendable {
        let file = PosixFile(path: path, descriptor: try Self.descriptor(path, O_RDWR | O_CREAT))
        // Both kinds: `flock` keeps out a second of our own kind in any process, the record lock keeps out Kafka.
        try Self.check(flock(file.descriptor, LOCK_EX | LOCK_NB), .lock, path)
        var record = Glibc.flock()
        record.l_type = Int16(F_WRLCK)
        record.l_whence = Int16(SEEK_SET)
        guard fcntl(file.descriptor, F_SETLK, &record) == 0 else {
            let failure = Glibc.errno == EACCES || Glibc.errno == EAGAIN ? EWOULDBLOCK : Glibc.errno
            throw FileSystemError(.lock, errno: failure, path: path)
        }
        return file
    }

    public override func volume(of path: String) throws(FileSystemError) -> Volume {
        var status = statvfs()
        try Self.check(statvfs(path, &status), .volume, path)
        let unit = Int64(status.f_frsize)
        return Volume(total: Int64(status.f_blocks) * unit, usable: Int64(status.f_bavail) * unit)
    }
}
