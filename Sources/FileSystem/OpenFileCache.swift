import Synchronization

/// Keeps at most so many files open among all those that are in use, so that many partitions fit under the limit of
/// descriptors.
///
/// Files are closed by second chance: one that was used since the hand last passed stays. A closed file is still open
/// to whoever holds a reference to it (a response being sent), so the number can be exceeded for that long.
public final class OpenFileCache: Sendable {
    private struct State {
        /// Slots that have a file open, in no order; each knows its index.
        var open: [FileSlot] = []
        var hand = 0
    }

    public let fileSystem: FileSystemPort
    /// The most files to keep open.
    public let capacity: Int
    private let state = Mutex(State())

    public init(fileSystem: FileSystemPort, capacity: Int) {
        precondition(capacity > 0)
        self.fileSystem = fileSystem
        self.capacity = capacity
    }

    /// How many files are kept open now.
    public var openCount: Int { self.state.withLock { $0.open.count } }

    /// Notes that `slot` has opened its file, and closes others where there are now too many.
    func opened(_ slot: FileSlot) {
        self.state.withLock { state in
            guard slot.cacheIndex.load(ordering: .relaxed) < 0 else { return }
            slot.cacheIndex.store(state.open.count, ordering: .relaxed)
            state.open.append(slot)
            while state.open.count > self.capacity {
                state.hand = (state.hand + 1) % state.open.count
                let victim = state.open[state.hand]
                if victim === slot || victim.used.exchange(false, ordering: .relaxed) && self.capacity > 1 { continue }
                victim.dropFile()
                Self.remove(victim, from: &state)
            }
        }
    }

    func closed(_ slot: FileSlot) {
        self.state.withLock { Self.remove(slot, from: &$0) }
    }

    private static func remove(_ slot: FileSlot, from state: inout State) {
        let index = slot.cacheIndex.load(ordering: .relaxed)
        guard index >= 0 else { return }
        slot.cacheIndex.store(-1, ordering: .relaxed)
        let last = state.open.removeLast()
        if last !== slot {
            state.open[index] = last
            last.cacheIndex.store(index, ordering: .relaxed)
        }
    }
}

/// One file that is opened when it is needed and may be closed when it is not.
///
/// Any thread may use it. Its name changes only through `rename(to:)`.
public final class FileSlot: Sendable {
    private struct State {
        var path: String
        var file: OpenFile?
    }

    private let cache: OpenFileCache
    private let state: Mutex<State>
    /// Whether it was used since the cache last looked.
    let used = Atomic(false)
    /// Its index among the cache's open slots, or -1; changed under the cache's lock only.
    let cacheIndex = Atomic(-1)

    /// A file that exists, or that `create` makes.
    public init(path: String, cache: OpenFileCache) {
        self.cache = cache
        self.state = Mutex(State(path: path, file: nil))
    }

    /// The file, opened for reading and writing if it is not open. It stays open while it is referenced.
    public func file() throws(FileSystemError) -> OpenFile {
        try self.file(.readWrite)
    }

    /// The file, created if it does not exist; see `FileSystemPort.open` for when it is durable.
    public func create() throws(FileSystemError) -> OpenFile {
        try self.file(.createIfAbsent)
    }

    private func file(_ mode: FileSystemPort.OpenMode) throws(FileSystemError) -> OpenFile {
        self.used.store(true, ordering: .relaxed)
        var isNew = false
        let file = try self.state.withLock { (state) throws(FileSystemError) -> OpenFile in
            if let file = state.file { return file }
            let file = try self.cache.fileSystem.open(state.path, mode)
            state.file = file
            isNew = true
            return file
        }
        if isNew { self.cache.opened(self) }
        return file
    }

    /// Where the file is now.
    public var path: String { self.state.withLock { $0.path } }

    /// Renames the file; see `FileSystemPort.rename` for when that is durable.
    public func rename(to path: String) throws(FileSystemError) {
        try self.state.withLock { (state) throws(FileSystemError) in
            try self.cache.fileSystem.rename(state.path, to: path)
            state.path = path
        }
    }

    /// Notes that the folder holding the file has been renamed.
    public func moved(to path: String) {
        self.state.withLock { $0.path = path }
    }

    /// Lets go of the open file: it closes when the last of its users is done.
    public func close() {
        self.dropFile()
        self.cache.closed(self)
    }

    func dropFile() {
        // The file is released outside of the lock, for closing is a system call.
        let file = self.state.withLock { state -> OpenFile? in
            defer { state.file = nil }
            return state.file
        }
        _ = file
    }
}
