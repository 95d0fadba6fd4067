public import FileSystem
import Glibc
import Synchronization

/// A file system in memory that knows what was synchronized, and loses the rest when its power does.
///
/// It does what a real one may do at worst: a file's unsynchronized writes survive in any combination and may be torn;
/// of a folder's unsynchronized changes a front part survives. A failed `write` leaves any front part of its bytes.
/// One seed is one outcome. Every operation that changes something is counted, and one of them can be made the last.
public final class SimulatedFileSystem: FileSystemPort, @unchecked Sendable {
    // Unchecked: all state is behind the lock.
    let disk: Mutex<SimulatedDisk>
    // Unchecked: set once; what it leads to outlives its processes.
    private weak let observer: (any DiskObserver)?

    /// - Parameter observer: is told what is done, and says what time it is; not kept alive.
    public init(observer: (any DiskObserver)? = nil) {
        self.disk = Mutex(SimulatedDisk())
        self.observer = observer
    }

    func tell(_ operation: FileSystemError.Operation, bytes: Int) {
        guard let observer = self.observer else { return }
        let time = observer.diskWorks(operation, bytes: bytes)
        if operation == .write { self.disk.withLock { $0.time = time } }
    }

    func tell(returning bytes: UnsafeMutableRawBufferPointer, at offset: Int, of path: String) {
        self.observer?.diskReturns(bytes, at: offset, of: path)
    }

    /// Operations that changed something, since the start or the last crash.
    public var operationCount: Int { self.disk.withLock { $0.operationCount } }

    /// Makes the operation after `count` more fail, possibly half done, and all after it fail: the process is dead from
    /// then on, until `restart`. Nil takes it back.
    public func crash(afterOperations count: Int?) {
        self.disk.withLock { $0.operationsLeft = count }
    }

    /// Whether the operation that was to be the last has been tried.
    public var isCrashed: Bool { self.disk.withLock { $0.isCrashed } }

    /// Starts anew after the process was killed: everything that was done is there.
    public func restartAfterKill() {
        self.disk.withLock { $0.restart() }
    }

    /// Starts anew after the power was lost: what was not synchronized survives or not, as the seed has it.
    ///
    /// - Parameter misdirecting: some writes that were not synchronized may land in a wrong place, behind everything
    ///   that was.
    public func restartAfterPowerLoss(seed: UInt64, misdirecting: Bool = false) {
        self.disk.withLock { $0.losePower(seed: seed, misdirecting: misdirecting) }
    }

    /// Starts anew with an empty disk.
    public func restartWithNewDisk() {
        self.disk.withLock { $0.replace() }
    }

    /// Makes the next operations of a kind fail with `errno`, without effect; 0 ends it.
    public func fail(_ operation: FileSystemError.Operation, errno: Int32) {
        self.disk.withLock { $0.failures[operation] = errno == 0 ? nil : errno }
    }

    /// Limits the bytes of all files together: a write beyond fails with `ENOSPC`, half done.
    public func limit(bytes: Int64?) {
        self.disk.withLock { $0.capacity = bytes }
    }

    /// Leaves room for `room` bytes more than there are.
    public func limit(room: Int64) {
        self.disk.withLock { $0.limit(room: room) }
    }

    /// Changes bytes behind everyone's back, as a failing disk does.
    public func corrupt(_ path: String, at offset: Int, flipping mask: UInt8 = 0xff) {
        self.disk.withLock { $0.flip(path, at: offset, mask: mask) }
    }

    /// What a file holds, whatever the disk's state; nil where there is none.
    public func content(of path: String) -> [UInt8]? { self.disk.withLock { $0.content(of: path) } }

    /// The paths of all files in folders whose path begins with `prefix`, ascending, whatever the disk's state.
    public func files(under prefix: String) -> [String] { self.disk.withLock { $0.files(under: prefix) } }

    /// Makes reads of a file fail with `EIO`, or ends that.
    public func setUnreadable(_ path: String, _ isUnreadable: Bool = true) {
        self.disk.withLock { $0.setUnreadable(path, isUnreadable) }
    }

    // MARK: The port

    /// The root is the empty string on the disk.
    private static func folder(_ path: String) -> String { path == "/" ? "" : path }

    public override func open(_ path: String, _ mode: OpenMode) throws(FileSystemError) -> OpenFile {
        let opened = try self.disk.withLock { (disk) throws(FileSystemError) in try disk.open(path, mode) }
        return SimulatedFile(path: path, file: opened.file, life: opened.life, fileSystem: self)
    }

    public override func rename(_ source: String, to target: String) throws(FileSystemError) {
        try self.disk.withLock { (disk) throws(FileSystemError) in try disk.rename(source, to: target) }
    }

    public override func remove(_ path: String) throws(FileSystemError) {
        try self.disk.withLock { (disk) throws(FileSystemError) in try disk.remove(path) }
    }

    public override func createDirectory(_ path: String) throws(FileSystemError) {
        try self.disk.withLock { (disk) throws(FileSystemError) in try disk.createDirectory(path) }
    }

    public override func removeDirectory(_ path: String) throws(FileSystemError) {
        try self.disk.withLock { (disk) throws(FileSystemError) in try disk.removeDirectory(path) }
    }

    public override func synchronizeDirectory(_ path: String) throws(FileSystemError) {
        self.tell(.synchronizeDirectory, bytes: 0)
        try self.disk.withLock { (disk) throws(FileSystemError) in try disk.synchronizeDirectory(Self.folder(path)) }
    }

    public override func list(_ path: String) throws(FileSystemError) -> [Entry] {
        try self.disk.withLock { (disk) throws(FileSystemError) in try disk.list(Self.folder(path)) }
    }

    public override func attributes(_ path: String) throws(FileSystemError) -> Attributes? {
        try self.disk.withLock { (disk) throws(FileSystemError) in try disk.attributes(path) }
    }

    public override func lock(_ path: String) throws(FileSystemError) -> any AnyObject & Sendable {
        _ = try self.open(path, .createIfAbsent)
        guard let token = self.disk.withLock({ $0.lock(path) }) else {
            throw FileSystemError(.lock, errno: EWOULDBLOCK, path: path)
        }
        return token
    }

    public override func volume(of path: String) throws(FileSystemError) -> Volume {
        self.disk.withLock { $0.volume }
    }
}
