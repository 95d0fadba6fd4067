import ApusCore
import FileSystem
import KafkaPrimitives
import KafkaRecords

/// Where a batch lies in a segment's file, and what its header says. A message of the formats before 2 counts as one.
struct StoredBatch: Hashable, Sendable {
    /// Position of the first byte in the file.
    var position: Int
    /// Length in bytes, header included.
    var size: Int
    var baseOffset: Offset
    /// Inclusive.
    var lastOffset: Offset
    var maxTimestamp: Timestamp
    var leaderEpoch: LeaderEpoch
    /// The header, or nil for a message of an old format.
    var header: RecordBatchHeader?

    init(_ header: RecordBatchHeader, position: Int) {
        self.position = position
        self.size = header.sizeInBytes
        self.baseOffset = header.baseOffset
        self.lastOffset = header.lastOffset
        self.maxTimestamp = header.maxTimestamp
        self.leaderEpoch = header.leaderEpoch
        self.header = header
    }

    /// A message of format 0 or 1; format 1 has a timestamp at byte 18.
    private init(legacy bytes: UnsafeRawPointer, size: Int, position: Int) {
        self.position = position
        self.size = size
        self.baseOffset = Offset(Int64(bigEndian: bytes.loadUnaligned(as: Int64.self)))
        self.lastOffset = self.baseOffset
        let hasTimestamp = bytes.load(fromByteOffset: 16, as: Int8.self) == 1
        let timestamp = bytes.loadUnaligned(fromByteOffset: 18, as: Int64.self)
        self.maxTimestamp = hasTimestamp ? Timestamp(Int64(bigEndian: timestamp)) : .none
        self.leaderEpoch = .unknown
        self.header = nil
    }

    /// Position after the last byte.
    var endPosition: Int { self.position + self.size }

    /// Bytes that must be there to know a batch's length and format.
    static let frameSize = 17
    /// Bytes after the length that a message of an old format has at least.
    private static let legacyLengthMin = 14
    /// Bytes of the front of a message of an old format that are looked at.
    static let legacyFrontSize = 26

    /// The batch that begins at `bytes`, of which `available` are readable and the file has `left`.
    ///
    /// Returns nil where more bytes must be read to know. Throws `corruptBatch` where no whole batch can be.
    init?(at bytes: UnsafeRawPointer, available: Int, left: Int, position: Int) throws(LogError) {
        guard left >= Self.frameSize else { throw Self.corrupt("\(left) bytes are too few", position) }
        guard available >= Self.frameSize else { return nil }
        let length = Int(Int32(bigEndian: bytes.loadUnaligned(fromByteOffset: 8, as: Int32.self)))
        let size = length + RecordBatchHeader.lengthPrefixSize
        let magic = bytes.load(fromByteOffset: 16, as: Int8.self)
        guard size <= left else { throw Self.corrupt("size \(size) exceeds the \(left) bytes present", position) }
        switch magic {
        case 0, 1:
            guard length >= Self.legacyLengthMin else { throw Self.corrupt("length \(length)", position) }
            guard available >= min(size, Self.legacyFrontSize) else { return nil }
            guard magic == 0 || size >= Self.legacyFrontSize else { throw Self.corrupt("length \(length)", position) }
            self.init(legacy: bytes, size: size, position: position)
        case RecordBatchHeader.currentMagic:
            guard size >= RecordBatchHeader.size else { throw Self.corrupt("length \(length)", position) }
            guard available >= RecordBatchHeader.size else { return nil }
            self.init(RecordBatchHeader(reading: bytes), position: position)
            guard self.lastOffset >= self.baseOffset, self.baseOffset >= 0 else {
                throw Self.corrupt("offsets \(self.baseOffset) to \(self.lastOffset)", position)
            }
        default:
            throw Self.corrupt("format \(magic)", position)
        }
    }

    private static func corrupt(_ message: String, _ position: Int) -> LogError {
        LogError(.corruptBatch, "no batch at position \(position): \(message)")
    }
}

/// Walks the batch headers of a part of a file without reading the records.
struct StoredBatchCursor: ~Copyable {
    private let file: OpenFile
    private let storage: ByteStorage
    /// What `storage` holds: `bufferCount` bytes from `bufferStart` of the file.
    private var bufferStart = 0
    private var bufferCount = 0
    /// Position of the next batch.
    private(set) var position: Int
    let endPosition: Int

    /// One read covers what lies between two index entries at the usual interval.
    private static let bufferSize = 4608

    init(file: OpenFile, from position: Int, to endPosition: Int) {
        self.file = file
        self.storage = ByteStorage(capacity: Self.bufferSize)
        self.position = position
        self.endPosition = endPosition
    }

    /// The next batch, or nil at the end. Throws `corruptBatch` where none can be, and stays there.
    mutating func next() throws(LogError) -> StoredBatch? {
        guard self.position < self.endPosition else { return nil }
        for _ in 0..<2 {
            let skip = self.position - self.bufferStart
            if skip >= 0, skip < self.bufferCount {
                let batch = try StoredBatch(
                    at: self.storage.base + skip, available: self.bufferCount - skip,
                    left: self.endPosition - self.position, position: self.position)
                if let batch {
                    self.position = batch.endPosition
                    return batch
                }
            }
            try self.fill()
        }
        throw LogError(.corruptBatch, "the file ends at \(self.bufferStart + self.bufferCount), within a header")
    }

    private mutating func fill() throws(LogError) {
        let buffer = UnsafeMutableRawBufferPointer(start: self.storage.base, count: Self.bufferSize)
        let (file, position) = (self.file, self.position)
        self.bufferCount = try LogError.storage { () throws(FileSystemError) in
            try file.read(into: buffer, at: Int64(position))
        }
        self.bufferStart = position
    }
}

extension StoredBatch {
    /// Bytes that a checksum is computed over at a time.
    private static let checksumPiece = 256 * 1024
    /// Where the checksum of a message of an old format lies, and the part it covers begins.
    private static let legacyChecksumPosition = 12

    /// Whether the header that was read, and the records in the file, have the checksum that the header names.
    func hasValidChecksum(in file: OpenFile) throws(LogError) -> Bool {
        guard let header = self.header else { return try self.hasValidLegacyChecksum(in: file) }
        var checksum = header.checksum
        let isWhole = try self.readPieces(of: file, from: RecordBatchHeader.size) {
            checksum = CRC32C.checksum(of: $0, continuing: checksum)
        }
        return isWhole && checksum == header.crc
    }

    private func hasValidLegacyChecksum(in file: OpenFile) throws(LogError) -> Bool {
        let position = Int64(self.position + Self.legacyChecksumPosition)
        let named = try LogError.storage { () throws(FileSystemError) in try file.readSlice(at: position, count: 4) }
        var checksum = LegacyChecksum()
        let isWhole = try self.readPieces(of: file, from: Self.legacyChecksumPosition + 4) { checksum.add($0) }
        guard isWhole, named.count == 4 else { return false }
        return checksum.value == UInt32(bigEndian: named.withUnsafeBytes { $0.loadUnaligned(as: UInt32.self) })
    }

    /// Calls `body` with the batch's bytes from `start` on, piece by piece; returns false where the file ends before.
    private func readPieces(
        of file: OpenFile, from start: Int, _ body: (UnsafeRawBufferPointer) -> Void
    ) throws(LogError) -> Bool {
        var position = self.position + start
        let storage = ByteStorage(capacity: min(Self.checksumPiece, self.endPosition - position))
        while position < self.endPosition {
            let wanted = min(storage.capacity, self.endPosition - position)
            let buffer = UnsafeMutableRawBufferPointer(start: storage.base, count: wanted)
            let count = try LogError.storage { () throws(FileSystemError) in
                try file.read(into: buffer, at: Int64(position))
            }
            guard count == wanted else { return false }
            body(UnsafeRawBufferPointer(buffer))
            position += count
        }
        return true
    }
}

extension RecordBatchHeader {
    /// That of its own bytes, with which the batch's begins.
    fileprivate var checksum: UInt32 {
        withUnsafeTemporaryAllocation(byteCount: Self.size, alignment: 8) { bytes in
            guard let start = bytes.baseAddress else { preconditionFailure("a header has bytes") }
            self.write(to: start)
            return CRC32C.checksum(of: UnsafeRawBufferPointer(rebasing: bytes[Self.checksummedStart...]))
        }
    }
}
