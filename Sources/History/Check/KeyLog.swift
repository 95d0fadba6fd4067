import ApusCore

/// What one partition's log must have been: all that was seen of it, by offset.
///
/// An index is the place of an offset among those where anything was seen, so that control records and the gaps of
/// compaction do not count.
struct KeyLog {
    /// Where a value was seen: its first and its last index.
    struct Span {
        var first: Int32
        var last: Int32
    }

    private struct Entry {
        var offset: Offset
        var value: WrittenValue
        var operation: Int32
        var rank: Int32
    }

    /// The non-empty offsets, ascending.
    private(set) var offsets: [Offset] = []
    /// By index: the value that was seen there first.
    private(set) var versions: [WrittenValue] = []
    private(set) var spans: [WrittenValue: Span] = [:]
    /// Offsets where several values were seen, with all of them and the operations that showed each first.
    private(set) var conflicts: [(offset: Offset, values: [WrittenValue], operations: [Int32])] = []
    /// Values that were seen at several offsets, with all of them, by first offset.
    private(set) var duplicates: [(value: WrittenValue, offsets: [Offset])] = []

    init(_ partition: HistoryIndex.Partition, isCommitted: [Bool]) {
        var entries: [Entry] = []
        entries.reserveCapacity(partition.reads.count + partition.sends.count)
        for send in partition.sends where send.offset >= 0 && isCommitted[Int(send.operation)] {
            entries.append(
                Entry(offset: send.offset, value: send.value, operation: send.operation, rank: Int32(entries.count)))
        }
        for read in partition.reads {
            entries.append(
                Entry(offset: read.offset, value: read.value, operation: read.operation, rank: Int32(entries.count)))
        }
        entries.sort { ($0.offset, $0.rank) < ($1.offset, $1.rank) }
        var start = 0
        while start < entries.count {
            var end = start
            while end < entries.count, entries[end].offset == entries[start].offset { end += 1 }
            self.take(entries[start..<end])
            start = end
        }
        self.collectDuplicates(entries)
    }

    /// The index of a non-empty offset.
    func index(of offset: Offset) -> Int? {
        guard let first = self.offsets.first else { return nil }
        // Where nothing is missing the place follows from the offset.
        let guess = offset - first
        if guess >= 0, guess < Int64(self.offsets.count), self.offsets[Int(guess)] == offset { return Int(guess) }
        var (low, high) = (0, self.offsets.count)
        while low < high {
            let middle = (low + high) / 2
            if self.offsets[middle] < offset { low = middle + 1 } else { high = middle }
        }
        return low < self.offsets.count && self.offsets[low] == offset ? low : nil
    }

    /// The first index of a value.
    func index(of value: WrittenValue) -> Int? { self.spans[value].map { Int($0.first) } }

    /// Whether a value was seen at several offsets.
    func isTwice(_ value: WrittenValue) -> Bool { self.spans[value].map { $0.first != $0.last } ?? false }

    /// All entries of one offset.
    private mutating func take(_ entries: ArraySlice<Entry>) {
        guard let first = entries.first else { return }
        let index = Int32(self.offsets.count)
        self.offsets.append(first.offset)
        self.versions.append(first.value)
        var values = [first.value]
        var operations = [first.operation]
        for entry in entries where entry.value != first.value && !values.contains(entry.value) {
            values.append(entry.value)
            operations.append(entry.operation)
        }
        for value in values {
            self.spans[value, default: Span(first: index, last: index)].last = index
        }
        if values.count > 1 { self.conflicts.append((first.offset, values, operations)) }
    }

    private mutating func collectDuplicates(_ entries: [Entry]) {
        var places: [WrittenValue: Int] = [:]
        for entry in entries {
            guard let span = self.spans[entry.value], span.first != span.last else { continue }
            if let place = places[entry.value] {
                if self.duplicates[place].offsets.last != entry.offset {
                    self.duplicates[place].offsets.append(entry.offset)
                }
            } else {
                places[entry.value] = self.duplicates.count
                self.duplicates.append((entry.value, [entry.offset]))
            }
        }
    }
}
