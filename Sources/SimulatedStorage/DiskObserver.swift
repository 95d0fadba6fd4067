public import FileSystem

/// Is told what is done to a simulated disk, before it is done, for traces and for the time that it takes.
public protocol DiskObserver: AnyObject, Sendable {
    /// - Returns: the time of day in milliseconds since 1970-01-01 UTC.
    func diskWorks(_ operation: FileSystemError.Operation, bytes: Int) -> Int64

    /// A read has found `bytes` at `offset` of a file, and may return something else: the file stays as it is.
    func diskReturns(_ bytes: UnsafeMutableRawBufferPointer, at offset: Int, of path: String)
}
