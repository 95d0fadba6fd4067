package import ApusCore
package import FileSystem
import Glibc
import KafkaPrimitives

/// One entry of `log.dirs`: a folder with the logs of partitions, locked for this process.
///
/// Holds no state but the lock, so that any thread may use it. All calls wait for the disk: not for an event loop.
package final class LogDirectory: Sendable {
    package let path: String
    /// Through which all logs in the directory open their files; may be shared between directories.
    package let cache: OpenFileCache
    private let lock: any AnyObject & Sendable

    private static let lockName = ".lock"

    package var fileSystem: FileSystemPort { self.cache.fileSystem }

    /// Opens the directory, making it if it does not exist, and locks it for as long as the result is referenced.
    ///
    /// Throws `locked` where another process uses it, `storage` where it cannot be used at all.
    package init(path: String, cache: OpenFileCache) throws(LogError) {
        self.path = path
        self.cache = cache
        let fileSystem = cache.fileSystem
        do {
            try Self.create(path, fileSystem)
            self.lock = try fileSystem.lock("\(path)/\(Self.lockName)")
        } catch {
            guard error.operation == .lock, error.errno == EWOULDBLOCK else { throw LogError(error) }
            throw LogError(.locked, "another process uses \(path)", cause: error)
        }
    }

    private static func create(_ path: String, _ fileSystem: FileSystemPort) throws(FileSystemError) {
        let parent = FileSystemPort.parent(of: path)
        if try fileSystem.attributes(path) == nil {
            try Self.create(parent, fileSystem)
            try fileSystem.createDirectory(path)
        }
        do {
            // Also where the folder exists: a crash may have come between its making and this.
            try fileSystem.synchronizeDirectory(parent)
        } catch {
            // A folder above that may not be read is not ours, and its names were not made by us.
            guard error.errno == EACCES else { throw error }
        }
    }

    // MARK: Whole files

    private func read<Content>(
        _ name: String, bytesMax: Int, _ decode: (ByteSlice) -> Content?
    ) throws(LogError) -> Content? {
        let bytes = try LogError.storage { () throws(FileSystemError) in
            try self.fileSystem.contents(of: "\(self.path)/\(name)", maxBytes: bytesMax)
        }
        guard let bytes else { return nil }
        guard let content = decode(bytes) else { throw LogError(.corruptFile, "\(self.path)/\(name) cannot be read") }
        return content
    }

    private func replace(_ name: String, with bytes: [UInt8]) throws(LogError) {
        try LogError.storage { () throws(FileSystemError) in
            try self.fileSystem.replaceContents(of: "\(self.path)/\(name)", with: bytes)
        }
    }

    /// Whose the directory is; nil where it has not been formatted. Throws `corruptFile` where the file is damaged.
    package func metaProperties() throws(LogError) -> MetaProperties? {
        try self.read(MetaProperties.name, bytesMax: MetaProperties.bytesMax) { MetaProperties($0) }
    }

    /// Says whose the directory is; survives a power loss when it returns.
    package func write(_ properties: MetaProperties) throws(LogError) {
        try self.replace(MetaProperties.name, with: properties.encode())
    }

    /// The offsets of a checkpoint; none where there is no file. Throws `corruptFile` where it is damaged.
    package func offsets(_ checkpoint: OffsetCheckpoint) throws(LogError) -> [TopicPartition: Offset] {
        try self.read(checkpoint.rawValue, bytesMax: OffsetCheckpoint.bytesMax) { OffsetCheckpoint.decode($0) } ?? [:]
    }

    /// Replaces a checkpoint in one step; survives a power loss when it returns.
    package func write(_ offsets: [TopicPartition: Offset], _ checkpoint: OffsetCheckpoint) throws(LogError) {
        try self.replace(checkpoint.rawValue, with: OffsetCheckpoint.encode(offsets))
    }

    /// The mark of a clean shutdown, or nil where there is none: then every log must be recovered.
    package func cleanShutdownMark() throws(LogError) -> CleanShutdownMark? {
        try self.read(CleanShutdownMark.name, bytesMax: CleanShutdownMark.bytesMax) { CleanShutdownMark($0) }
    }

    /// Removes the mark: to be called once it was read and before a log is opened, so that a crash from then on is one.
    /// When it returns, a power loss does not bring it back.
    package func removeCleanShutdownMark() throws(LogError) {
        try LogError.storage { () throws(FileSystemError) in
            try self.fileSystem.removeIfPresent("\(self.path)/\(CleanShutdownMark.name)")
            try self.fileSystem.synchronizeDirectory(self.path)
        }
    }

    /// Marks the directory as cleanly shut down, after all its logs were closed and the checkpoints written; survives a
    /// power loss when it returns.
    package func write(_ mark: CleanShutdownMark) throws(LogError) {
        try self.replace(CleanShutdownMark.name, with: mark.encode())
    }

    /// The space of the volume that holds the directory, in bytes.
    package func volume() throws(LogError) -> FileSystemPort.Volume {
        try LogError.storage { () throws(FileSystemError) in try self.fileSystem.volume(of: self.path) }
    }
}
