package import ApusCore
import FileSystem
import Glibc
import KafkaPrimitives

/// A transaction that was aborted, as consumers that read committed records must know it.
///
/// Shape in the file: version 2 (0), producer id 8, first offset 8, last offset 8, last stable offset 8: 34 bytes.
package struct AbortedTransaction: Hashable, Sendable {
    package var producerID: ProducerID
    package var firstOffset: Offset
    /// The offset of the abort marker, inclusive.
    package var lastOffset: Offset
    /// The last stable offset after the abort: no transaction that ends later begins below it.
    package var lastStableOffset: Offset

    package static let size = 34
    static let version: Int16 = 0

    package init(producerID: ProducerID, firstOffset: Offset, lastOffset: Offset, lastStableOffset: Offset) {
        self.producerID = producerID
        self.firstOffset = firstOffset
        self.lastOffset = lastOffset
        self.lastStableOffset = lastStableOffset
    }

    init?(reading reader: inout ByteReader) throws(DecodeError) {
        guard try reader.readInt16() == Self.version else { return nil }
        self.producerID = ProducerID(try reader.readInt64())
        self.firstOffset = Offset(try reader.readInt64())
        self.lastOffset = Offset(try reader.readInt64())
        self.lastStableOffset = Offset(try reader.readInt64())
    }

    func write(to writer: inout ByteWriter) {
        writer.writeInt16(Self.version)
        writer.writeInt64(self.producerID.rawValue)
        writer.writeInt64(self.firstOffset.rawValue)
        writer.writeInt64(self.lastOffset.rawValue)
        writer.writeInt64(self.lastStableOffset.rawValue)
    }
}

/// The aborted transactions that end within a segment, in the order of their ends. The file exists only if there are
/// any, and is written through: aborts are rare.
struct TransactionIndex: Sendable {
    let slot: FileSlot
    private(set) var entries: [AbortedTransaction] = []

    init(empty slot: FileSlot) {
        self.slot = slot
    }

    /// The index in a file of `size` bytes. Throws `corruptFile` where it is none.
    init(in slot: FileSlot, size: Int64) throws(LogError) {
        self.slot = slot
        guard let size = Int(exactly: size), size % AbortedTransaction.size == 0 else {
            throw LogError(.corruptFile, "\(slot.path) has \(size) bytes, no multiple of \(AbortedTransaction.size)")
        }
        let bytes = try LogError.storage { () throws(FileSystemError) in
            try slot.file().readSlice(at: 0, count: size)
        }
        var reader = ByteReader(bytes)
        while reader.remaining > 0 {
            guard let entry = try Self.entry(&reader), entry.lastOffset > self.entries.last?.lastOffset ?? .unknown
            else { throw LogError(.corruptFile, "\(slot.path) has an entry of another version or out of order") }
            self.entries.append(entry)
        }
    }

    private static func entry(_ reader: inout ByteReader) throws(LogError) -> AbortedTransaction? {
        do {
            return try AbortedTransaction(reading: &reader)
        } catch {
            throw LogError(.corruptFile, "an entry is cut")
        }
    }

    /// Adds a transaction; when it returns, its entry is in the page cache.
    mutating func append(_ transaction: AbortedTransaction) throws(FileSystemError) {
        precondition(transaction.lastOffset > self.entries.last?.lastOffset ?? .unknown, "aborts ascend")
        var writer = ByteWriter(capacity: AbortedTransaction.size)
        transaction.write(to: &writer)
        let bytes = writer.finish()
        let file = try self.slot.create()
        try file.write(
            UnsafeRawBufferPointer(start: bytes.pointer, count: bytes.count),
            at: Int64(self.entries.count * AbortedTransaction.size))
        self.entries.append(transaction)
    }

    /// Drops the transactions that end at or after `offset`; when it returns, the file in the page cache says so.
    mutating func truncate(to offset: Offset) throws(FileSystemError) {
        guard let first = self.entries.firstIndex(where: { $0.lastOffset >= offset }) else { return }
        self.entries.removeSubrange(first...)
        try self.slot.create().truncate(to: Int64(first * AbortedTransaction.size))
    }

    /// Adds to `found` the transactions that have records from `offset` up to `endOffset`; returns whether a later
    /// segment may know of more.
    func collect(from offset: Offset, to endOffset: Offset, into found: inout [AbortedTransaction]) -> Bool {
        for entry in self.entries {
            if entry.lastOffset >= offset, entry.firstOffset < endOffset { found.append(entry) }
            if entry.lastStableOffset >= endOffset { return false }
        }
        return true
    }
}
