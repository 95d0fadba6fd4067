package import ApusCore

/// Finds when each partition was writable again after something was done to its cluster. Pure.
///
/// A partition is writable once a record was stored that was not even written before the harm had ended: whoever
/// acknowledged it has survived.
package struct RecoveryWatch: Hashable, Sendable {
    private let harmBegan: Instant
    private let harmEnded: Instant
    private var recovered: [Interval?]

    /// - Parameter harmBegan: from here the time is counted.
    package init(partitionCount: Int, harmBegan: Instant, harmEnded: Instant) {
        self.harmBegan = harmBegan
        self.harmEnded = harmEnded
        self.recovered = Array(repeating: nil, count: partitionCount)
    }

    /// A batch that was begun at `began` has been stored.
    package mutating func succeeded(_ partition: PartitionIndex, began: Instant, now: Instant) {
        let index = Int(partition.rawValue)
        guard began >= self.harmEnded, self.recovered[index] == nil else { return }
        self.recovered[index] = now - self.harmBegan
    }

    package var writableCount: Int { self.recovered.filter { $0 != nil }.count }

    /// Until the last partition was writable; nil while one is not.
    package var untilAll: Interval? {
        var longest = Interval.zero
        for interval in self.recovered {
            guard let interval else { return nil }
            longest = max(longest, interval)
        }
        return longest
    }

    /// Until half of the partitions were writable; nil before.
    package var untilHalf: Interval? {
        let sorted = self.recovered.compactMap(\.self).sorted()
        let place = (self.recovered.count - 1) / 2
        return place < sorted.count ? sorted[place] : nil
    }
}
