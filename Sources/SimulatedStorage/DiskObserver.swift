public import FileSystem

/// Is told what is done to a simulated disk, before it is done, for traces and for the time that it takes.
public protocol DiskObserver: AnyObject, Sendable {
    /// - Returns: the time of day in milliseconds since 1970-01-01 UTC.
    func diskWorks(_ operation: FileSystemError.Operation, bytes: Int) -> Int64
}
