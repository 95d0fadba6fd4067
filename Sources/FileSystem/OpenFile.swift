public import KafkaPrimitives

/// An open file with positional reads and writes; it closes when the last reference to it goes.
///
/// An abstract class, because a call through a class table costs less than one through an existential; `open`, because
/// the simulated disk is in another module. Any thread may use it: the file has no position of its own. Two writes to
/// the same bytes at once are the owner's mistake.
open class OpenFile: @unchecked Sendable {
    // Unchecked: the only stored properties never change; subclasses hold a descriptor or a locked state.
    /// Where the file was when it was opened; a rename does not change it.
    public let path: String
    /// What `sendfile` takes; -1 where there is none, as on a simulated disk.
    public let descriptor: Int32

    public init(path: String, descriptor: Int32) {
        self.path = path
        self.descriptor = descriptor
    }

    /// Fills `buffer` from the bytes at `offset` on and returns how many there were: fewer only at the end of the file.
    open func read(into buffer: UnsafeMutableRawBufferPointer, at offset: Int64) throws(FileSystemError) -> Int {
        preconditionFailure("abstract")
    }

    /// Puts `bytes` at `offset`, growing the file as needed.
    ///
    /// When it returns, all bytes are in the page cache: they survive `kill -9` of this process, but not a power loss.
    /// When it throws, any prefix of them may be there.
    open func write(_ bytes: borrowing GatheredBytes, at offset: Int64) throws(FileSystemError) {
        preconditionFailure("abstract")
    }

    /// Cuts the file to `size` bytes, or extends it with zeros. Survives `kill -9`; a power loss may undo it until
    /// the file is synchronized.
    open func truncate(to size: Int64) throws(FileSystemError) {
        preconditionFailure("abstract")
    }

    /// Waits until the file's bytes and size are on the disk (`fdatasync`). When it returns, all writes that had
    /// returned before the call survive a power loss, provided that the folder's entry does. When it throws, nothing
    /// is known of any write since the last success, and calling again proves nothing.
    open func synchronize() throws(FileSystemError) {
        preconditionFailure("abstract")
    }

    /// Length of the file in bytes.
    open func size() throws(FileSystemError) -> Int64 {
        preconditionFailure("abstract")
    }

    /// Whether a read at `offset` would be answered from memory. A file system that cannot tell says yes.
    open func isResident(at offset: Int64) -> Bool { true }

    /// Starts reading `count` bytes at `offset` into memory ahead of their use; a hint, without result.
    open func prefetch(at offset: Int64, count: Int64) {}
}

extension OpenFile {
    /// Writes one piece; see `write(_:at:)` for what holds afterwards.
    public func write(_ bytes: UnsafeRawBufferPointer, at offset: Int64) throws(FileSystemError) {
        var gathered = GatheredBytes()
        gathered.append(bytes)
        try self.write(gathered, at: offset)
    }

    /// Writes one piece; see `write(_:at:)` for what holds afterwards.
    public func write(_ bytes: [UInt8], at offset: Int64) throws(FileSystemError) {
        try ByteSlice.withBytes(of: bytes) { (buffer) throws(FileSystemError) in try self.write(buffer, at: offset) }
    }

    /// The `count` bytes at `offset`, or fewer at the end of the file. The caller has bounded `count`.
    public func readSlice(at offset: Int64, count: Int) throws(FileSystemError) -> ByteSlice {
        let storage = ByteStorage(capacity: count)
        let length = try self.read(
            into: UnsafeMutableRawBufferPointer(start: storage.base, count: count), at: offset)
        return ByteSlice(storage: storage, start: 0, count: length)
    }
}

extension OpenFile: RegionFile {
    public func readRegion(into room: UnsafeMutableRawBufferPointer, at offset: Int64) -> Int {
        do throws(FileSystemError) {
            return try self.read(into: room, at: offset)
        } catch {
            return -Int(error.errno)
        }
    }
}

extension ByteSlice {
    /// Calls `body` with the bytes of an array; the standard library's own cannot throw typed errors.
    static func withBytes<Result, Failure: Error>(
        of bytes: [UInt8], _ body: (UnsafeRawBufferPointer) throws(Failure) -> Result
    ) throws(Failure) -> Result {
        let outcome = bytes.withUnsafeBytes { (buffer) -> Swift.Result<Result, Failure> in
            do throws(Failure) {
                return .success(try body(buffer))
            } catch {
                return .failure(error)
            }
        }
        return try outcome.get()
    }
}
