import ApusCore
import FileSystem
import Glibc

/// What a simulated disk holds: nodes (files) and folders, each as seen by the process and as it is on the disk.
struct SimulatedDisk: Sendable {
    /// A change of a file that has not been synchronized.
    enum Change: Sendable {
        case write(offset: Int, bytes: [UInt8])
        case truncate(size: Int)
    }

    struct Node: Sendable {
        /// What a read sees.
        var content: [UInt8] = []
        /// What was there at the last synchronization.
        var durable: [UInt8] = []
        var changes: [Change] = []
    }

    enum Target: Hashable, Sendable {
        case file(Int)
        case folder
    }

    /// A change of a folder's names that has not been synchronized.
    enum NameChange: Sendable {
        case set(name: String, Target)
        case remove(name: String)
        case rename(from: String, to: String)
    }

    struct Folder: Sendable {
        var names: [String: Target] = [:]
        var durable: [String: Target] = [:]
        var changes: [NameChange] = []
    }

    var nodes: [Int: Node] = [:]
    /// By path; the root is the empty string.
    var folders: [String: Folder] = ["": Folder()]
    private var nextNode = 0
    private var locks: [String: WeakToken] = [:]

    /// Counts restarts: files opened before one are dead.
    private(set) var life = 0
    private(set) var operationCount = 0
    var operationsLeft: Int?
    private(set) var isCrashed = false
    var failures: [FileSystemError.Operation: Int32] = [:]
    var capacity: Int64?

    final class Token: Sendable {}

    struct WeakToken: Sendable {
        weak let token: Token?
    }

    // MARK: Names

    private static func split(_ path: String) -> (folder: String, name: String) {
        guard let slash = path.lastIndex(of: "/") else { return ("", path) }
        return (String(path[..<slash]), String(path[path.index(after: slash)...]))
    }

    private func target(_ path: String) -> Target? {
        if path.isEmpty || path == "/" { return .folder }
        let (folder, name) = Self.split(path)
        return self.folders[folder]?.names[name]
    }

    private mutating func change(_ path: String, _ change: NameChange) {
        let (folder, _) = Self.split(path)
        self.folders[folder]?.apply(change)
        self.folders[folder]?.changes.append(change)
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
    ) throws(FileSystemError) -> (id: Int, life: Int) {
        try self.checkReadable(.open, path)
        let (folder, name) = Self.split(path)
        guard self.folders[folder] != nil else { throw FileSystemError(.open, errno: ENOENT, path: path) }
        switch (self.target(path), mode) {
        case (.folder?, _): throw FileSystemError(.open, errno: EISDIR, path: path)
        case (.file?, .createNew): throw FileSystemError(.open, errno: EEXIST, path: path)
        case (.file(let id)?, .createOrTruncate):
            try self.truncate(id, to: 0, path: path)
            return (id, self.life)
        case (.file(let id)?, .readOnly), (.file(let id)?, .readWrite), (.file(let id)?, .createIfAbsent):
            return (id, self.life)
        case (nil, .readOnly), (nil, .readWrite): throw FileSystemError(.open, errno: ENOENT, path: path)
        case (nil, .createIfAbsent), (nil, .createNew), (nil, .createOrTruncate):
            try self.begin(.open, path)
            let id = self.nextNode
            self.nextNode += 1
            self.nodes[id] = Node()
            self.change(path, .set(name: name, .file(id)))
            try self.end(.open, path)
            return (id, self.life)
        }
    }

    mutating func rename(_ source: String, to target: String) throws(FileSystemError) {
        guard let moved = self.target(source) else { throw FileSystemError(.rename, errno: ENOENT, path: source) }
        let (folder, name) = Self.split(source)
        let (newFolder, newName) = Self.split(target)
        try self.begin(.rename, source)
        precondition(folder == newFolder, "renames between folders are not simulated")
        if moved == .folder {
            precondition(self.folders[target] == nil, "a folder is not renamed over another")
            for path in self.folders.keys.sorted() where path == source || path.hasPrefix(source + "/") {
                self.folders[target + path.dropFirst(source.count)] = self.folders.removeValue(forKey: path)
            }
        }
        self.change(source, .rename(from: name, to: newName))
        try self.end(.rename, source)
    }

    mutating func remove(_ path: String) throws(FileSystemError) {
        guard case .file? = self.target(path) else { throw FileSystemError(.remove, errno: ENOENT, path: path) }
        try self.begin(.remove, path)
        self.change(path, .remove(name: Self.split(path).name))
        try self.end(.remove, path)
    }

    mutating func createDirectory(_ path: String) throws(FileSystemError) {
        let (folder, name) = Self.split(path)
        guard self.folders[folder] != nil else { throw FileSystemError(.createDirectory, errno: ENOENT, path: path) }
        guard self.target(path) == nil else { throw FileSystemError(.createDirectory, errno: EEXIST, path: path) }
        try self.begin(.createDirectory, path)
        self.folders[path] = Folder()
        self.change(path, .set(name: name, .folder))
        try self.end(.createDirectory, path)
    }

    mutating func removeDirectory(_ path: String) throws(FileSystemError) {
        guard let folder = self.folders[path] else {
            throw FileSystemError(.removeDirectory, errno: ENOENT, path: path)
        }
        guard folder.names.isEmpty else { throw FileSystemError(.removeDirectory, errno: ENOTEMPTY, path: path) }
        try self.begin(.removeDirectory, path)
        self.folders[path] = nil
        self.change(path, .remove(name: Self.split(path).name))
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
        return folder.names.map { FileSystemPort.Entry(name: $0.key, isDirectory: $0.value == .folder) }
            .sorted { $0.name < $1.name }
    }

    func attributes(_ path: String) throws(FileSystemError) -> FileSystemPort.Attributes? {
        try self.checkReadable(.attributes, path)
        switch self.target(path) {
        case nil: return nil
        case .folder: return FileSystemPort.Attributes(size: 0, modified: 0, isDirectory: true)
        case .file(let id):
            return FileSystemPort.Attributes(
                size: Int64(self.nodes[id]?.content.count ?? 0), modified: 0, isDirectory: false)
        }
    }

    mutating func lock(_ path: String) -> Token? {
        if self.locks[path]?.token != nil { return nil }
        let token = Token()
        self.locks[path] = WeakToken(token: token)
        return token
    }

    var volume: FileSystemPort.Volume {
        let total = self.capacity ?? 1 << 40
        return FileSystemPort.Volume(total: total, usable: total - Int64(self.usedBytes))
    }

    private var usedBytes: Int { self.nodes.values.reduce(0) { $0 + $1.content.count } }
}

// MARK: Content

extension SimulatedDisk {
    func read(_ id: Int, at offset: Int, count: Int, path: String) throws(FileSystemError) -> ArraySlice<UInt8> {
        try self.checkReadable(.read, path)
        guard let content = self.nodes[id]?.content else { throw FileSystemError(.read, errno: EBADF, path: path) }
        guard offset < content.count else { return [] }
        return content[offset..<min(content.count, offset + count)]
    }

    func size(_ id: Int, path: String) throws(FileSystemError) -> Int {
        try self.checkReadable(.size, path)
        return self.nodes[id]?.content.count ?? 0
    }

    mutating func write(_ id: Int, _ bytes: [UInt8], at offset: Int, path: String) throws(FileSystemError) {
        try self.begin(.write, path)
        var bytes = bytes
        if self.isCrashed {
            // A write that is cut off leaves a front part; which one is drawn from the place it happens at.
            var random = SeededRandom(seed: UInt64(self.operationCount) &* 31 &+ UInt64(bytes.count))
            bytes.removeLast(Int.random(in: 0...bytes.count, using: &random))
        }
        var isFull = false
        if let capacity = self.capacity {
            let size = self.nodes[id]?.content.count ?? 0
            let room = Int(capacity) - self.usedBytes
            let growth = max(0, offset + bytes.count - size)
            if growth > room {
                isFull = true
                bytes.removeLast(min(bytes.count, growth - room))
            }
        }
        let change = Change.write(offset: offset, bytes: bytes)
        self.nodes[id]?.content.apply(change)
        self.nodes[id]?.changes.append(change)
        if isFull { throw FileSystemError(.write, errno: ENOSPC, path: path) }
        try self.end(.write, path)
    }

    mutating func truncate(_ id: Int, to size: Int, path: String) throws(FileSystemError) {
        try self.begin(.truncate, path)
        self.nodes[id]?.content.apply(.truncate(size: size))
        self.nodes[id]?.changes.append(.truncate(size: size))
        try self.end(.truncate, path)
    }

    mutating func synchronize(_ id: Int, path: String) throws(FileSystemError) {
        try self.begin(.synchronize, path)
        if !self.isCrashed, let content = self.nodes[id]?.content {
            self.nodes[id]?.durable = content
            self.nodes[id]?.changes = []
        }
        try self.end(.synchronize, path)
    }

    mutating func corrupt(_ path: String, at offset: Int, mask: UInt8) {
        guard case .file(let id)? = self.target(path), var node = self.nodes[id] else { return }
        node.content[offset] ^= mask
        node.durable = node.content
        node.changes = []
        self.nodes[id] = node
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

    mutating func losePower(seed: UInt64) {
        var random = SeededRandom(seed: seed)
        for id in self.nodes.keys.sorted() {
            self.nodes[id]?.losePower(&random)
        }
        for path in self.folders.keys.sorted() {
            self.folders[path]?.losePower(&random)
        }
        self.forgetUnreachable()
        self.restart()
    }

    /// Removes the folders that no name leads to any more, and makes those that names lead to.
    private mutating func forgetUnreachable() {
        var reachable: Set<String> = [""]
        var pending = [""]
        while let path = pending.popLast() {
            for (name, target) in self.folders[path]?.names ?? [:] where target == .folder {
                let child = "\(path)/\(name)"
                if self.folders[child] == nil { self.folders[child] = Folder() }
                if reachable.insert(child).inserted { pending.append(child) }
            }
        }
        for path in self.folders.keys where !reachable.contains(path) { self.folders[path] = nil }
    }
}

extension [UInt8] {
    mutating func apply(_ change: SimulatedDisk.Change) {
        switch change {
        case .write(let offset, let bytes):
            let end = offset + bytes.count
            if self.count < end { self.append(contentsOf: repeatElement(0, count: end - self.count)) }
            self.replaceSubrange(offset..<end, with: bytes)
        case .truncate(let size):
            if self.count > size {
                self.removeLast(self.count - size)
            } else {
                self.append(contentsOf: repeatElement(0, count: size - self.count))
            }
        }
    }
}

extension SimulatedDisk.Node {
    /// Keeps any combination of the unsynchronized changes; a write may be kept in part.
    mutating func losePower(_ random: inout SeededRandom) {
        var content = self.durable
        let odds = Int.random(in: 0...4, using: &random)
        for change in self.changes where Int.random(in: 0..<4, using: &random) < odds {
            switch change {
            case .write(let offset, let bytes) where Int.random(in: 0..<4, using: &random) == 0:
                let torn = Array(bytes.prefix(Int.random(in: 0...bytes.count, using: &random)))
                content.apply(.write(offset: offset, bytes: torn))
            case .write, .truncate:
                content.apply(change)
            }
        }
        self.content = content
        self.durable = content
        self.changes = []
    }
}

extension SimulatedDisk.Folder {
    mutating func apply(_ change: SimulatedDisk.NameChange) {
        switch change {
        case .set(let name, let target): self.names[name] = target
        case .remove(let name): self.names[name] = nil
        case .rename(let source, let target): self.names[target] = self.names.removeValue(forKey: source)
        }
    }

    mutating func synchronize() {
        self.durable = self.names
        self.changes = []
    }

    /// Keeps a front part of the unsynchronized changes.
    mutating func losePower(_ random: inout SeededRandom) {
        let kept = self.changes.prefix(Int.random(in: 0...self.changes.count, using: &random))
        self.names = self.durable
        for change in kept { self.apply(change) }
        self.durable = self.names
        self.changes = []
    }
}
