/// Why an operation on a file or a folder failed. What the file then holds is for its owner to find out.
///
/// Equality is on the operation and the errno, not on the path.
public struct FileSystemError: Error, Sendable, CustomStringConvertible {
    public enum Operation: String, Hashable, Sendable {
        case open, read, write, truncate, synchronize, size, close
        case createDirectory, removeDirectory, synchronizeDirectory, list, rename, remove, attributes, lock, volume
    }

    public var operation: Operation
    /// The system's error number: `ENOENT`, `ENOSPC`, `EIO` ...
    public var errno: Int32
    public var path: String

    public init(_ operation: Operation, errno: Int32, path: String) {
        self.operation = operation
        self.errno = errno
        self.path = path
    }

    public var description: String { "\(self.operation.rawValue) \(self.path): errno \(self.errno)" }
}

extension FileSystemError: Hashable {
    public static func == (lhs: FileSystemError, rhs: FileSystemError) -> Bool {
        lhs.operation == rhs.operation && lhs.errno == rhs.errno
    }

    public func hash(into hasher: inout Hasher) {
        hasher.combine(self.operation)
        hasher.combine(self.errno)
    }
}
