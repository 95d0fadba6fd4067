import FileSystem
import Glibc
import KafkaPrimitives

/// An index file: its newest entries in memory while its segment is appended to, the others read by position.
///
/// Entries are added in memory and written in groups, so that an append costs no second system call. A process that is
/// killed loses the group; the recovery that follows builds the indexes of unflushed segments anew in any case.
///
/// Transitions: appending -> closed (`close`), closed -> appending (`reopen`, at opening and after a truncation).
struct SegmentIndex<Entry: IndexEntry>: Sendable {
    /// So many entries are collected before they are written.
    private static var unwrittenMax: Int { 64 }

    /// So many of the newest entries stay in memory at least, twice as many at most: enough for readers near the end.
    private static var inMemoryMin: Int { 1024 }

    let slot: FileSlot
    /// The entries from `memoryStart` on; empty once closed.
    private var entries: [Entry]
    /// Entries before this one are in the file only.
    private var memoryStart: Int
    private var isClosed: Bool
    /// Entries in the file.
    private var writtenCount: Int
    private(set) var count: Int
    /// Nil where there are no entries, and where only those of the file are meant.
    private(set) var last: Entry?

    /// An index without entries, whose file is made when the first entries are written.
    init(empty slot: FileSlot) {
        self.slot = slot
        self.entries = []
        self.memoryStart = 0
        self.isClosed = false
        self.writtenCount = 0
        self.count = 0
        self.last = nil
    }

    /// An index without entries in a file that may have had some.
    init(emptying slot: FileSlot) throws(FileSystemError) {
        self.init(empty: slot)
        try slot.create().truncate(to: 0)
    }

    /// The closed index in a file of `fileSize` bytes.
    ///
    /// What follows the last entry in order, as the zeros that Kafka preallocates, does not count.
    init(closed slot: FileSlot, fileSize: Int64) throws(FileSystemError) {
        self.init(empty: slot)
        self.isClosed = true
        self.memoryStart = .max
        self.count = Int(fileSize) / Entry.size
        guard self.count > 0 else {
            self.memoryStart = 0
            return
        }
        let last = try self.entry(at: self.count - 1)
        let before = self.count > 1 ? try self.entry(at: self.count - 2) : nil
        if before.map({ last.follows($0) }) ?? last.mayBeFirst {
            self.last = last
        } else {
            let valid = try self.readAll()
            self.count = valid.count
            self.last = valid.last
        }
        self.writtenCount = self.count
        self.memoryStart = self.count
    }

    /// The entry at `index`, from memory or from the file.
    private func entry(at index: Int) throws(FileSystemError) -> Entry {
        if index >= self.memoryStart { return self.entries[index - self.memoryStart] }
        let file = try self.slot.file()
        // Large enough for every kind of entry.
        var bytes: (UInt64, UInt64) = (0, 0)
        return try SegmentIndex.read(file, index: index, into: &bytes)
    }

    private static func read(
        _ file: OpenFile, index: Int, into bytes: inout (UInt64, UInt64)
    ) throws(FileSystemError) -> Entry {
        let outcome = withUnsafeMutableBytes(of: &bytes) { buffer -> Result<Entry, FileSystemError> in
            let piece = UnsafeMutableRawBufferPointer(rebasing: buffer[0..<Entry.size])
            do throws(FileSystemError) {
                let length = try file.read(into: piece, at: Int64(index * Entry.size))
                guard length == Entry.size, let start = piece.baseAddress else {
                    return .failure(FileSystemError(.read, errno: EIO, path: file.path))
                }
                return .success(Entry(reading: start))
            } catch {
                return .failure(error)
            }
        }
        return try outcome.get()
    }

    /// The entries of the file that are in order, from the first on.
    private func readAll() throws(FileSystemError) -> [Entry] {
        let bytes = try self.slot.file().readSlice(at: 0, count: self.count * Entry.size)
        var entries: [Entry] = []
        for index in 0..<bytes.count / Entry.size {
            let entry = Entry(reading: bytes.pointer + index * Entry.size)
            guard entries.last.map({ entry.follows($0) }) ?? entry.mayBeFirst else { break }
            entries.append(entry)
        }
        return entries
    }

    /// The last entry for which `isNotAfter` holds; it must hold for a front part of the entries and for no other.
    func lastEntry(where isNotAfter: (Entry) -> Bool) throws(FileSystemError) -> (index: Int, entry: Entry)? {
        if let known = self.lastEntryInMemory(where: isNotAfter) { return known.entry.map { (known.index, $0) } }
        return try self.search(isNotAfter) { (index) throws(FileSystemError) in try self.entry(at: index) }
    }

    /// The same where no file needs to be read for it; nil where one does.
    func lastEntryInMemory(where isNotAfter: (Entry) -> Bool) -> (index: Int, entry: Entry?)? {
        if self.count == 0 { return (-1, nil) }
        if let last = self.last, isNotAfter(last) { return (self.count - 1, last) }
        guard self.memoryStart == 0 || self.entries.first.map(isNotAfter) ?? false else { return nil }
        let found = self.search(isNotAfter, from: self.memoryStart) { self.entries[$0 - self.memoryStart] }
        return (found?.index ?? -1, found?.entry)
    }

    /// The entries that are in the file, to be searched without those in memory.
    var inFile: SegmentIndex {
        var index = self
        index.entries = []
        index.isClosed = true
        index.count = self.memoryStart
        index.last = nil
        return index
    }

    private func search<Failure: Error>(
        _ isNotAfter: (Entry) -> Bool, from start: Int = 0, _ entry: (Int) throws(Failure) -> Entry
    ) throws(Failure) -> (index: Int, entry: Entry)? {
        var low = start
        var high = self.count
        var found: Entry?
        while low < high {
            let middle = (low + high) / 2
            let candidate = try entry(middle)
            if isNotAfter(candidate) {
                found = candidate
                low = middle + 1
            } else {
                high = middle
            }
        }
        return found.map { (low - 1, $0) }
    }

    /// The entry after the one at `index`, or nil at the end.
    func entry(after index: Int) throws(FileSystemError) -> Entry? {
        index + 1 < self.count ? try self.entry(at: index + 1) : nil
    }
}

// MARK: Changes

extension SegmentIndex {
    /// Adds an entry, which must follow the last.
    ///
    /// When it returns, the entry is in memory; every so many entries are put into the page cache.
    mutating func append(_ entry: Entry) throws(FileSystemError) {
        precondition(!self.isClosed, "a closed index takes no entries")
        precondition(self.last.map { entry.follows($0) } ?? entry.mayBeFirst, "an index ascends")
        self.entries.append(entry)
        self.count += 1
        self.last = entry
        if self.count - self.writtenCount >= Self.unwrittenMax { try self.write() }
        if self.entries.count >= 2 * Self.inMemoryMin {
            self.entries.removeFirst(Self.inMemoryMin)
            self.memoryStart += Self.inMemoryMin
        }
    }

    /// Puts all entries into the page cache: they survive `kill -9` when it returns, and a power loss once the file
    /// is synchronized.
    mutating func write() throws(FileSystemError) {
        guard !self.isClosed else { return }
        let file = try self.slot.create()
        guard self.writtenCount < self.count else { return }
        let bytes = ByteStorage(capacity: (self.count - self.writtenCount) * Entry.size)
        for index in self.writtenCount..<self.count {
            self.entries[index - self.memoryStart].write(to: bytes.base + (index - self.writtenCount) * Entry.size)
        }
        try file.write(
            UnsafeRawBufferPointer(start: bytes.base, count: bytes.capacity),
            at: Int64(self.writtenCount * Entry.size))
        self.writtenCount = self.count
    }

    /// Writes what is unwritten, cuts the file to its entries and frees the memory; survives what `write` survives.
    mutating func close() throws(FileSystemError) {
        guard !self.isClosed else { return }
        try self.write()
        try self.slot.file().truncate(to: Int64(self.count * Entry.size))
        self.entries = []
        self.memoryStart = self.count
        self.isClosed = true
    }

    /// Makes a closed index one that is added to; what follows its entries in the file is cut off.
    mutating func reopen() throws(FileSystemError) {
        guard self.isClosed else { return }
        self.isClosed = false
        try self.slot.create().truncate(to: Int64(self.count * Entry.size))
    }

    /// Drops the entries for which `isKept` does not hold; it must hold for a front part and for no other.
    mutating func truncate(keeping isKept: (Entry) -> Bool) throws(FileSystemError) {
        try self.reopen()
        let kept = try self.lastEntry(where: isKept)
        self.count = kept.map { $0.index + 1 } ?? 0
        self.last = kept?.entry
        self.memoryStart = min(self.memoryStart, self.count)
        self.entries.removeLast(min(self.entries.count, self.memoryStart + self.entries.count - self.count))
        self.writtenCount = min(self.writtenCount, self.count)
        try self.slot.create().truncate(to: Int64(self.writtenCount * Entry.size))
    }
}
