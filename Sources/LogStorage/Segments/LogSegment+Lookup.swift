import ApusCore
import FileSystem

extension LogSegment {
    /// The first batch whose last offset is not below `offset`, or nil where the segment has none.
    ///
    /// Answered from memory at the end of the log; elsewhere by the index and one read of headers.
    func batch(atOrAfter offset: Offset) throws(LogError) -> BatchPlace? {
        if let place = self.tail.first(atOrAfter: offset) {
            return BatchPlace(position: Int(place.position), size: Int(place.size), baseOffset: place.baseOffset)
        }
        return try self.storedBatch(atOrAfter: offset).map {
            BatchPlace(position: $0.position, size: $0.size, baseOffset: $0.baseOffset)
        }
    }

    struct BatchPlace: Hashable, Sendable {
        var position: Int
        var size: Int
        var baseOffset: Offset
    }

    /// The same from the file, with what the header says.
    func storedBatch(atOrAfter offset: Offset) throws(LogError) -> StoredBatch? {
        var cursor = StoredBatchCursor(
            file: try self.openFile(), from: try self.position(notAfter: offset), to: self.size)
        while let batch = try cursor.next() {
            if batch.lastOffset >= offset { return batch }
        }
        return nil
    }

    /// The first batch at or after `minOffset` that has a record not older than `timestamp`, or nil.
    func storedBatch(notOlderThan timestamp: Timestamp, from minOffset: Offset) throws(LogError) -> StoredBatch? {
        // Up to the entry's offset every record is older than the entry after it.
        let entry = try LogError.storage { () throws(FileSystemError) in
            try self.timeIndex.lastEntry { $0.timestamp < timestamp }?.entry
        }
        let start = max(entry.map { self.baseOffset + Int64($0.relativeOffset) } ?? self.baseOffset, minOffset)
        var cursor = StoredBatchCursor(
            file: try self.openFile(), from: try self.position(notAfter: start), to: self.size)
        while let batch = try cursor.next() {
            if batch.maxTimestamp >= timestamp, batch.lastOffset >= minOffset { return batch }
        }
        return nil
    }

    /// A position of a batch that begins at or before `offset`, close to it.
    private func position(notAfter offset: Offset) throws(LogError) -> Int {
        let relative = offset.rawValue - self.baseOffset.rawValue
        guard relative > 0 else { return 0 }
        let found = try LogError.storage { () throws(FileSystemError) in
            try self.offsetIndex.lastEntry { Int64($0.relativeOffset) <= relative }
        }
        return Int(found?.entry.position ?? 0)
    }

    /// An offset that the `size` bytes from `position` on do not go beyond, if the index knows one.
    func offset(notBefore position: Int) throws(LogError) -> Offset? {
        try LogError.storage { () throws(FileSystemError) in
            let before = try self.offsetIndex.lastEntry { Int($0.position) < position }
            let next = try self.offsetIndex.entry(after: before?.index ?? -1)
            return next.map { self.baseOffset + Int64($0.relativeOffset) }
        }
    }
}
