import ApusCore
import FileSystem

/// Where a batch lies in a segment's file.
struct BatchPlace: Hashable, Sendable {
    var position: Int
    var size: Int
    var baseOffset: Offset
}

/// The search for a batch by offset: done already, or to be done in the segment's files, for which the log's lock is not
/// needed.
enum BatchLookup: Sendable {
    case found(BatchPlace)
    case search(Search)

    struct Search: Sendable {
        enum Start: Sendable {
            /// A batch begins here, at or before the offset.
            case position(Int)
            /// The file of a closed index knows where to begin.
            case index(SegmentIndex<OffsetIndexEntry>, relativeOffset: Int64)
        }

        var log: FileSlot
        /// The first batch is wanted whose last offset is not below this one.
        var offset: Offset
        var start: Start
        /// The length of the file of batches.
        var size: Int

        /// Finds the batch, or nil where the segment has none. May wait for the disk.
        ///
        /// Bits of an index may turn unnoticed, for it has no checksum. Where it leads past the offset, or to what is no
        /// batch, the segment is read from its beginning: no record is passed over.
        func batch() throws(LogError) -> StoredBatch? {
            let position: Int
            switch self.start {
            case .position(let known): position = known
            case .index(let index, let relativeOffset):
                position = try LogError.storage { () throws(FileSystemError) in
                    Int(try index.lastEntry { Int64($0.relativeOffset) <= relativeOffset }?.entry.position ?? 0)
                }
            }
            let file = try LogError.storage { () throws(FileSystemError) in try self.log.file() }
            if position > 0 {
                do {
                    var cursor = StoredBatchCursor(file: file, from: position, to: self.size)
                    if let first = try cursor.next(), first.baseOffset <= self.offset {
                        return try first.lastOffset >= self.offset ? first : self.batch(&cursor)
                    }
                } catch {
                    guard error.code == .corruptBatch else { throw error }
                }
            }
            var cursor = StoredBatchCursor(file: file, from: 0, to: self.size)
            return try self.batch(&cursor)
        }

        /// The next batch that does not end before the offset.
        private func batch(_ cursor: inout StoredBatchCursor) throws(LogError) -> StoredBatch? {
            while let batch = try cursor.next() {
                if batch.lastOffset >= self.offset { return batch }
            }
            return nil
        }
    }

    /// Finds the batch, or nil where the segment has none. May wait for the disk where it was not found before.
    func batch() throws(LogError) -> BatchPlace? {
        switch self {
        case .found(let place): return place
        case .search(let search):
            return try search.batch().map {
                BatchPlace(position: $0.position, size: $0.size, baseOffset: $0.baseOffset)
            }
        }
    }
}

extension LogSegment {
    /// Begins to look for the first batch whose last offset is not below `offset`; touches no file.
    func lookup(_ offset: Offset) -> BatchLookup {
        if let place = self.tail.first(atOrAfter: offset) {
            return .found(
                BatchPlace(position: Int(place.position), size: Int(place.size), baseOffset: place.baseOffset))
        }
        return .search(self.search(offset))
    }

    private func search(_ offset: Offset) -> BatchLookup.Search {
        BatchLookup.Search(log: self.log, offset: offset, start: self.searchStart(offset), size: self.size)
    }

    private func searchStart(_ offset: Offset) -> BatchLookup.Search.Start {
        let relative = offset.rawValue - self.baseOffset.rawValue
        guard relative > 0 else { return .position(0) }
        guard let known = self.offsetIndex.lastEntryInMemory(where: { Int64($0.relativeOffset) <= relative }) else {
            return .index(self.offsetIndex.inFile, relativeOffset: relative)
        }
        return .position(Int(known.entry?.position ?? 0))
    }

    /// The first batch whose last offset is not below `offset`, or nil where the segment has none.
    func batch(atOrAfter offset: Offset) throws(LogError) -> BatchPlace? {
        try self.lookup(offset).batch()
    }

    /// The same from the file, with what the header says.
    func storedBatch(atOrAfter offset: Offset) throws(LogError) -> StoredBatch? {
        try self.search(offset).batch()
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
