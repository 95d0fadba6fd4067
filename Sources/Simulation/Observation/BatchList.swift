package import ApusCore

/// Batches of one log in the order of their offsets, as digests.
package struct BatchList: Hashable, Sendable {
    /// Ascending, without overlap; there may be gaps.
    package private(set) var batches: [BatchDigest] = []
    /// Where the log starts as far as it is known here; everything below is gone.
    package private(set) var startOffset: Offset
    /// The offset after the last batch.
    package private(set) var endOffset: Offset

    package init(startingAt offset: Offset = 0) {
        self.startOffset = offset
        self.endOffset = offset
    }

    package mutating func append(_ batch: BatchDigest) {
        precondition(batch.baseOffset >= self.endOffset, "\(batch) does not follow \(self.endOffset)")
        self.batches.append(batch)
        self.endOffset = batch.endOffset
    }

    /// Drops every batch that ends after `offset`.
    package mutating func truncate(to offset: Offset) {
        while let last = self.batches.last, last.endOffset > offset { self.batches.removeLast() }
        self.endOffset = min(self.endOffset, max(self.startOffset, self.batches.last?.endOffset ?? offset))
    }

    /// Nothing is known any more, and the log starts at `offset`.
    package mutating func reset(to offset: Offset) {
        self.batches.removeAll(keepingCapacity: true)
        self.startOffset = offset
        self.endOffset = offset
    }

    /// The place of the first batch that ends after `offset`.
    package func index(after offset: Offset) -> Int {
        var (low, high) = (0, self.batches.count)
        while low < high {
            let middle = (low + high) / 2
            if self.batches[middle].endOffset <= offset { low = middle + 1 } else { high = middle }
        }
        return low
    }

    /// The batch that holds `offset`.
    package func batch(at offset: Offset) -> BatchDigest? {
        let index = self.index(after: offset)
        guard index < self.batches.count, self.batches[index].baseOffset <= offset else { return nil }
        return self.batches[index]
    }
}
