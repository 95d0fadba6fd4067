import ApusCore
import FileSystem
import KafkaPrimitives
import KafkaRecords

/// Where the batches of a segment lie, without their records: what its indexes are held against.
struct SegmentOutline {
    struct Batch {
        var position: Int64
        var baseOffset: Offset
        var lastOffset: Offset
        var maxTimestamp: Timestamp
    }

    private(set) var batches: [Batch] = []
    /// The end of the last whole batch; the file's end where it is not damaged.
    private(set) var endPosition: Int64 = 0

    /// Follows the batches from the first one for as long as that is possible.
    init(_ content: OpenFile) throws(FileSystemError) {
        let size = try content.size()
        while size - self.endPosition >= LogEntryScanner.frameSize {
            let head = try content.readSlice(at: self.endPosition, count: RecordBatchHeader.size)
            guard let batch = Self.batch(head, at: self.endPosition) else { return }
            let end = self.endPosition + batch.size
            guard end <= size else { return }
            self.batches.append(batch.outline)
            self.endPosition = end
        }
    }

    private static func batch(_ head: ByteSlice, at position: Int64) -> (outline: Batch, size: Int64)? {
        guard head.count >= LogEntryScanner.frameSize else { return nil }
        let (offset, length, magic) = head.withUnsafeBytes { bytes in
            (
                Offset(Int64(bigEndian: bytes.loadUnaligned(as: Int64.self))),
                Int32(bigEndian: bytes.loadUnaligned(fromByteOffset: 8, as: Int32.self)),
                bytes.load(fromByteOffset: 16, as: Int8.self)
            )
        }
        let size = Int64(length) + Int64(RecordBatchHeader.lengthPrefixSize)
        switch magic {
        case 0, 1:
            guard Int(length) >= LegacyEntry.lengthMin else { return nil }
            let outline = Batch(position: position, baseOffset: offset, lastOffset: offset, maxTimestamp: .none)
            return (outline, size)
        case RecordBatchHeader.currentMagic:
            guard head.count == RecordBatchHeader.size, size >= RecordBatchHeader.size else { return nil }
            let header = head.withUnsafeBytes { bytes in bytes.baseAddress.map { RecordBatchHeader(reading: $0) } }
            guard let header else { return nil }
            let outline = Batch(
                position: position, baseOffset: header.baseOffset, lastOffset: header.lastOffset,
                maxTimestamp: header.maxTimestamp)
            return (outline, size)
        default: return nil
        }
    }

    /// The batch that begins at a position.
    func batch(at position: Int64) -> Batch? {
        let index = self.batches.partitioningIndex { $0.position >= position }
        return index < self.batches.count && self.batches[index].position == position ? self.batches[index] : nil
    }
}

extension Array {
    /// The first index for whose element `isSecond` holds, given that it holds for all after it; the end if for none.
    fileprivate func partitioningIndex(_ isSecond: (Element) -> Bool) -> Int {
        var low = 0
        var high = self.count
        while low < high {
            let middle = (low + high) / 2
            if isSecond(self[middle]) { high = middle } else { low = middle + 1 }
        }
        return low
    }
}
