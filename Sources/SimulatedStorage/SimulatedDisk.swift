import ApusCore
import FileSystem
import Glibc

/// What a simulated disk holds: files and folders, each as seen by the process and as it is on the disk.
struct SimulatedDisk: @unchecked Sendable {
    // Unchecked: a value that is only ever behind the lock of its file system.

    /// By path; the root is the empty string.
    private(set) var folders: [String: DiskFolder] = ["": DiskFolder()]
    private var nextFile = 0
    private var locks: [String: WeakToken] = [:]

    /// Counts restarts: files opened before one are dead.
    private(set) var life = 0
    private(set) var operationCount = 0
    var operationsLeft: Int?
    private(set) var isCrashed = false
    var failures: [FileSystemError.Operation: Int32] = [:]
    var capacity: Int64?
    /// Bytes of all files that a name leads to.
    private var usedBytes: Int64 = 0
    /// Milliseconds since 1970-01-01 UTC, for changes.
    var time: Int64 = 0

    final class Token: Sendable {}

    struct WeakToken: Sendable {
        weak let token: Token?
    }

    // MARK: Names

    private static func split(_ path: String) -> (folder: String, name: String) {
        guard let slash = path.lastIndex(of: "/") else { return ("", path) }
        return (String(path[..<slash]), String(path[path.index(after: slash)...]))
    }

    private func target(_ path: String) -> DiskFolder.Target? {
        if path.isEmpty || path == "/" { return .folder }
        let (folder, name) = Self.split(path)
        return self.folders[folder]?.names[name]
    }

    private mutating func change(_ folder: String, _ change: DiskFolder.Change) {
        if case .file(let lost)? = self.folders[folder]?.change(change) {
            self.usedBytes -= Int64(lost.content.count)
        }
    }

    private func file(_ path: String) -> DiskFile? {
        if case .file(let file)? = self.target(path) { file } else { nil }
    }

    /// Counts an operation; throws where it fails. Returns whether it is the last one and may be done in part.
    private mutating func begin(
        _ operation: FileSystemError.Operation, _ path: String
    ) throws(FileSystemError) {
        if self.isCrashed { throw FileSystemError(operation, errno: EIO, path: path) }
        if let errno = self.failures[operation] { throw FileSystemError(operation, errno: errno, path: path) }
        if let left = self.operationsLeft {
            if left == 0 {
                self.isCrashed = true
                return
            }
            self.operationsLeft = left - 1
        }
        self.operationCount += 1
    }

    /// Ends an operation that the process does not live to see.
    private func end(_ operation: FileSystemError.Operation, _ path: String) throws(FileSystemError) {
        if self.isCrashed { throw FileSystemError(operation, errno: EIO, path: path) }
    }

    private func checkReadable(_ operation: FileSystemError.Operation, _ path: String) throws(FileSystemError) {
        if self.isCrashed { throw FileSystemError(operation, errno: EIO, path: path) }
        if let errno = self.failures[operation] { throw FileSystemError(operation, errno: errno, path: path) }
    }

    mutating func open(
        _ path: String, _ mode: FileSystemPort.OpenMode
    ) throws(FileSystemError) -> (file: DiskFile, life: Int) {
        try self.checkReadable(.open, path)
        let (folder, name) = Self.split(path)
        guard self.folders[folder] != nil else { throw FileSystemError(.open, errno: ENOENT, path: path) }
        switch (self.target(path), mode) {
        case (.folder?, _): throw FileSystemError(.open, errno: EISDIR, path: path)
        case (.file?, .createNew): throw FileSystemError(.open, errno: EEXIST, path: path)
        case (.file(let file)?, .createOrTruncate):
            try self.truncate(file, to: 0, path: path)
            return (file, self.life)
        case (.file(let file)?, .readOnly), (.file(let file)?, .readWrite), (.file(let file)?, .createIfAbsent):
            return (file, self.life)
        case (nil, .readOnly), (nil, .readWrite): throw FileSystemError(.open, errno: ENOENT, path: path)
        case (nil, .createIfAbsent), (nil, .createNew), (nil, .createOrTruncate):
            try self.begin(.open, path)
            let file = DiskFile(number: self.nextFile)
            file.modified = self.time
            self.nextFile += 1
            self.change(folder, .set(name: name, .file(file)))
            try self.end(.open, path)
            return (file, self.life)
        }
    }

    mutating func rename(_ source: String, to target: String) throws(FileSystemError) {
        guard let moved = self.target(source) else { throw FileSystemError(.rename, errno: ENOENT, path: source) }
        let (folder, name) = Self.split(source)
        let (newFolder, newName) = Self.split(target)
        try self.begin(.rename, source)
        precondition(folder == newFolder, "renames between folders are not simulated")
        if moved.isFolder {
            precondition(self.folders[target] == nil, "a folder is not renamed over another")
            for path in self.folders.keys.sorted() where path == source || path.hasPrefix(source + "/") {
                self.folders[target + path.dropFirst(source.count)] = self.folders.removeValue(forKey: path)
            }
        }
        self.change(folder, .rename(from: name, to: newName))
        try self.end(.rename, source)
    }

    mutating func remove(_ path: String) throws(FileSystemError) {
        guard self.file(path) != nil else { throw FileSystemError(.remove, errno: ENOENT, path: path) }
        try self.begin(.remove, path)
        let (folder, name) = Self.split(path)
        self.change(folder, .remove(name: name))
        try self.end(.remove, path)
    }

    mutating func createDirectory(_ path: String) throws(FileSystemError) {
        let (folder, name) = Self.split(path)
        guard self.folders[folder] != nil else { throw FileSystemError(.createDirectory, errno: ENOENT, path: path) }
        guard self.target(path) == nil else { throw FileSystemError(.createDirectory, errno: EEXIST, path: path) }
        try self.begin(.createDirectory, path)
        self.folders[path] = DiskFolder()
        self.change(folder, .set(name: name, .folder))
        try self.end(.createDirectory, path)
    }

    mutating func removeDirectory(_ path: String) throws(FileSystemError) {
        guard let folder = self.folders[path] else {
            throw FileSystemError(.removeDirectory, errno: ENOENT, path: path)
        }
        guard folder.names.isEmpty else { throw FileSystemError(.removeDirectory, errno: ENOTEMPTY, path: path) }
        try self.begin(.removeDirectory, path)
        self.folders[path] = nil
        let (parent, name) = Self.split(path)
        self.change(parent, .remove(name: name))
        try self.end(.removeDirectory, path)
    }

    mutating func synchronizeDirectory(_ path: String) throws(FileSystemError) {
        guard self.folders[path] != nil else {
            throw FileSystemError(.synchronizeDirectory, errno: ENOENT, path: path)
        }
        try self.begin(.synchronizeDirectory, path)
        // The process does not live to see it; whether it happened is decided with the rest.
        if !self.isCrashed { self.folders[path]?.synchronize() }
        try self.end(.synchronizeDirectory, path)
    }

    func list(_ path: String) throws(FileSystemError) -> [FileSystemPort.Entry] {
        try self.checkReadable(.list, path)
        guard let folder = self.folders[path] else { throw FileSystemError(.list, errno: ENOENT, path: path) }
        return folder.names.map { FileSystemPort.Entry(name: $0.key, isDirectory: $0.value.isFolder) }
            .sorted { $0.name < $1.name }
    }

    func attributes(_ path: String) throws(FileSystemError) -> FileSystemPort.Attributes? {
        try self.checkReadable(.attributes, path)
        switch self.target(path) {
        case nil: return nil
        case .folder: return FileSystemPort.Attributes(size: 0, modified: 0, isDirectory: true)
        case .file(let file):
            return FileSystemPort.Attributes(
                size: Int64(file.content.count), modified: file.modified, isDirectory: false)
        }
    }

    mutating func lock(_ path: String) -> Token? {
        if self.locks[path]?.token != nil { return nil }
        let token = Token()
        self.locks[path] = WeakToken(token: token)
        return token
    }

    mutating func limit(room: Int64) { self.capacity = self.usedBytes + room }

    var volume: FileSystemPort.Volume {
        let total = self.capacity ?? 1 << 40
        return FileSystemPort.Volume(total: total, usable: max(0, total - self.usedBytes))
    }

    /// What a file grows or shrinks by counts while a name leads to it; one that was removed and is still open is so
    /// small a part that it may count as well.
    private mutating func count(_ file: DiskFile, from size: Int) {
        self.usedBytes += Int64(file.content.count - size)
    }
}

// MARK: Content

extension SimulatedDisk {
    func read(
        _ file: DiskFile, at offset: Int, into buffer: UnsafeMutableRawBufferPointer, path: String
    ) throws(FileSystemError) -> Int {
        try self.checkReadable(.read, path)
        if file.isUnreadable { throw FileSystemError(.read, errno: EIO, path: path) }
        return file.content.withUnsafeBytes { content in
            guard offset < content.count else { return 0 }
            let found = content[offset..<min(content.count, offset + buffer.count)]
            buffer.copyBytes(from: found)
            return found.count
        }
    }

    func size(_ file: DiskFile, path: String) throws(FileSystemError) -> Int {
        try self.checkReadable(.size, path)
        return file.content.count
    }

    mutating func write(
        _ file: DiskFile, _ bytes: borrowing GatheredBytes, at offset: Int, path: String
    ) throws(FileSystemError) {
        try self.begin(.write, path)
        var left = bytes.count
        if self.isCrashed {
            // A write that is cut off leaves a front part; which one is drawn from the place it happens at.
            var random = SeededRandom(seed: UInt64(self.operationCount) &* 31 &+ UInt64(bytes.count))
            left = Int.random(in: 0...bytes.count, using: &random)
        }
        let size = file.content.count
        var isFull = false
        if let capacity = self.capacity {
            let room = Int(max(0, capacity - self.usedBytes))
            let growth = max(0, offset + left - size)
            if growth > room {
                isFull = true
                left = max(0, left - (growth - room))
            }
        }
        file.beginWrite(at: offset, count: left)
        var position = offset
        for piece in bytes.pieces where left > 0 {
            let count = min(left, piece.iov_len)
            file.put(UnsafeRawBufferPointer(start: piece.iov_base, count: count), at: position)
            position += count
            left -= count
        }
        file.modified = self.time
        self.count(file, from: size)
        if isFull { throw FileSystemError(.write, errno: ENOSPC, path: path) }
        try self.end(.write, path)
    }

    mutating func truncate(_ file: DiskFile, to size: Int, path: String) throws(FileSystemError) {
        try self.begin(.truncate, path)
        let oldSize = file.content.count
        file.truncate(to: size)
        file.modified = self.time
        self.count(file, from: oldSize)
        try self.end(.truncate, path)
    }

    mutating func synchronize(_ file: DiskFile, path: String) throws(FileSystemError) {
        try self.begin(.synchronize, path)
        if !self.isCrashed { file.synchronize() }
        try self.end(.synchronize, path)
    }

    func flip(_ path: String, at offset: Int, mask: UInt8) {
        self.file(path)?.flip(at: offset, mask: mask)
    }

    func content(of path: String) -> [UInt8]? { self.file(path)?.content }

    func files(under prefix: String) -> [String] {
        self.folders.filter { $0.key.hasPrefix(prefix) }
            .flatMap { path, folder in folder.names.filter { !$0.value.isFolder }.map { "\(path)/\($0.key)" } }
            .sorted()
    }

    func setUnreadable(_ path: String, _ isUnreadable: Bool) {
        self.file(path)?.isUnreadable = isUnreadable
    }
}

// MARK: Crashes

extension SimulatedDisk {
    mutating func restart() {
        self.life += 1
        self.isCrashed = false
        self.operationsLeft = nil
        self.operationCount = 0
        self.failures = [:]
        self.locks = [:]
    }

    mutating func losePower(seed: UInt64, misdirecting: Bool) {
        var random = SeededRandom(seed: seed)
        for file in self.files { file.losePower(&random, misdirecting: misdirecting) }
        for path in self.folders.keys.sorted() { self.folders[path]?.losePower(&random) }
        self.forgetUnreachable()
        self.usedBytes = self.files.reduce(0) { $0 + Int64($1.content.count) }
        self.restart()
    }

    /// Throws everything away, as a new disk in place of the old one.
    mutating func replace() {
        self.folders = ["": DiskFolder()]
        self.usedBytes = 0
        self.restart()
    }

    /// The files that names lead to, or did when they were synchronized; oldest first.
    private var files: [DiskFile] {
        var found: [Int: DiskFile] = [:]
        for folder in self.folders.values {
            for case .file(let file) in folder.targets { found[file.number] = file }
        }
        return found.values.sorted { $0.number < $1.number }
    }

    /// Removes the folders that no name leads to any more, and makes those that names lead to.
    private mutating func forgetUnreachable() {
        var reachable: Set<String> = [""]
        var pending = [""]
        while let path = pending.popLast() {
            for (name, target) in self.folders[path]?.names ?? [:] where target.isFolder {
                let child = "\(path)/\(name)"
                if self.folders[child] == nil { self.folders[child] = DiskFolder() }
                if reachable.insert(child).inserted { pending.append(child) }
            }
        }
        for path in self.folders.keys where !reachable.contains(path) { self.folders[path] = nil }
    }
}
