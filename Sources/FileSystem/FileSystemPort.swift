/// A file system: the real one, or a simulated disk that loses what was not synchronized.
///
/// Abstract and `open` for the reasons `OpenFile` gives. Paths are absolute or relative to the working folder; parts are
/// separated by `/`. Any thread may call it.
open class FileSystemPort: @unchecked Sendable {
    // Unchecked: no stored properties; subclasses hold none or a locked state.

    public enum OpenMode: Sendable {
        /// The file must exist and is only read.
        case readOnly
        /// The file must exist.
        case readWrite
        /// The file is created empty if it does not exist.
        case createIfAbsent
        /// The file must not exist.
        case createNew
        /// The file is created, or emptied.
        case createOrTruncate
    }

    public struct Entry: Hashable, Sendable {
        public var name: String
        public var isDirectory: Bool

        public init(name: String, isDirectory: Bool) {
            self.name = name
            self.isDirectory = isDirectory
        }
    }

    public struct Attributes: Hashable, Sendable {
        /// Length in bytes.
        public var size: Int64
        /// Milliseconds since 1970-01-01 UTC of the last change of the content.
        public var modified: Int64
        public var isDirectory: Bool

        public init(size: Int64, modified: Int64, isDirectory: Bool) {
            self.size = size
            self.modified = modified
            self.isDirectory = isDirectory
        }
    }

    /// Space of the volume that holds a path, in bytes.
    public struct Volume: Hashable, Sendable {
        public var total: Int64
        public var usable: Int64

        public init(total: Int64, usable: Int64) {
            self.total = total
            self.usable = usable
        }
    }

    public init() {}

    /// Opens a file. A file this creates survives `kill -9`; a power loss may remove it until its folder is
    /// synchronized.
    open func open(_ path: String, _ mode: OpenMode) throws(FileSystemError) -> OpenFile {
        preconditionFailure("abstract")
    }

    /// Gives `source` the name `target`, replacing a file of that name, in one step for every observer. Survives
    /// `kill -9`; a power loss may undo it until the folder (both, where they differ) is synchronized.
    open func rename(_ source: String, to target: String) throws(FileSystemError) {
        preconditionFailure("abstract")
    }

    /// Removes a file; whoever has it open can go on. A power loss may undo it until the folder is synchronized.
    open func remove(_ path: String) throws(FileSystemError) {
        preconditionFailure("abstract")
    }

    /// Creates a folder, whose parent must exist. A power loss may undo it until the parent is synchronized.
    open func createDirectory(_ path: String) throws(FileSystemError) {
        preconditionFailure("abstract")
    }

    /// Removes an empty folder. A power loss may undo it until the parent is synchronized.
    open func removeDirectory(_ path: String) throws(FileSystemError) {
        preconditionFailure("abstract")
    }

    /// Waits until the entries of the folder are on the disk: creations, renames and removals in it that had returned
    /// before survive a power loss when this returns.
    open func synchronizeDirectory(_ path: String) throws(FileSystemError) {
        preconditionFailure("abstract")
    }

    /// What the folder holds, ordered by name.
    open func list(_ path: String) throws(FileSystemError) -> [Entry] {
        preconditionFailure("abstract")
    }

    /// What is known of a path, or nil where nothing is there.
    open func attributes(_ path: String) throws(FileSystemError) -> Attributes? {
        preconditionFailure("abstract")
    }

    /// Locks a file against other processes, creating it if needed; the lock lasts as long as the result is
    /// referenced. Throws `EWOULDBLOCK` where someone else holds it.
    open func lock(_ path: String) throws(FileSystemError) -> any AnyObject & Sendable {
        preconditionFailure("abstract")
    }

    open func volume(of path: String) throws(FileSystemError) -> Volume {
        preconditionFailure("abstract")
    }
}
