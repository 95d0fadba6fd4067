/// A piece of an open file that is sent without being read into memory: what `sendfile` takes.
public struct FileRegion: Sendable {
    /// Keeps `descriptor` open for as long as the region is referenced.
    public let owner: any AnyObject & Sendable
    /// -1 where there is none; `owner` is a `RegionFile` then.
    public let descriptor: Int32
    /// Position in the file, in bytes.
    public let offset: Int64
    /// Length in bytes.
    public let count: Int

    public init(owner: any AnyObject & Sendable, descriptor: Int32, offset: Int64, count: Int) {
        self.owner = owner
        self.descriptor = descriptor
        self.offset = offset
        self.count = count
    }
}

/// The owner of a region whose file has no descriptor, as on a simulated disk: it is read through this.
public protocol RegionFile: AnyObject, Sendable {
    /// Fills `room` from the bytes at `offset` on: how many there were, fewer only at the end of the file, or a
    /// negative error number.
    func readRegion(into room: UnsafeMutableRawBufferPointer, at offset: Int64) -> Int

    /// Whether a read at `offset` would be answered from memory.
    func isResident(at offset: Int64) -> Bool
}

/// What a field of Kafka's type `records` carries: nothing, bytes in memory, or a piece of a file.
///
/// Decoding yields `null` or `bytes` only.
public enum RecordsPayload: Sendable, Equatable {
    case null
    case bytes(ByteSlice)
    case file(FileRegion)

    /// Length in bytes; 0 for null.
    public var count: Int {
        switch self {
        case .null: 0
        case .bytes(let slice): slice.count
        case .file(let region): region.count
        }
    }
}

extension FileRegion: Equatable {
    /// The same piece of the same open file.
    public static func == (lhs: FileRegion, rhs: FileRegion) -> Bool {
        lhs.owner === rhs.owner && lhs.descriptor == rhs.descriptor && lhs.offset == rhs.offset
            && lhs.count == rhs.count
    }
}
