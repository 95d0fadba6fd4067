package import ApusCore

/// Finds the longest time without a success, for each partition that has work and for all together. Pure.
package struct PauseWatch: Hashable, Sendable {
    private var last: [PartitionIndex: Instant] = [:]
    private var lastOfAll: Instant?
    /// Between two successes of any partition.
    package private(set) var longest = Interval.zero
    /// Between the moment a partition had something to do, or its last success if that is later, and its next success.
    package private(set) var longestOfPartition = Interval.zero

    package init() {}

    /// A batch that was begun at `began` has been stored.
    package mutating func succeeded(_ partition: PartitionIndex, began: Instant, now: Instant) {
        if let last = self.lastOfAll { self.longest = max(self.longest, now - last) }
        self.lastOfAll = now
        let since = self.last[partition].map { max($0, began) } ?? began
        self.longestOfPartition = max(self.longestOfPartition, now - since)
        self.last[partition] = now
    }
}
