package import ApusCore

/// All that elections and replication need to know of a log: where it starts and ends, and where each epoch begins.
///
/// Entries ascend strictly in both epoch and start offset; all of them lie in `startOffset..<endOffset`.
package struct EpochHistory: Hashable, Sendable {
    package struct Entry: Hashable, Sendable {
        package var epoch: LeaderEpoch
        /// Offset of the first record of `epoch` that is still in the log.
        package var startOffset: Offset

        package init(epoch: LeaderEpoch, startOffset: Offset) {
            self.epoch = epoch
            self.startOffset = startOffset
        }
    }

    /// Where the log starts, with the epoch of the record before it: zero, or the id of the snapshot that took the
    /// place of what was below.
    package private(set) var start: OffsetAndEpoch
    package private(set) var endOffset: Offset
    package private(set) var entries: [Entry]

    /// An empty log after the snapshot `start`, or from the beginning.
    package init(start: OffsetAndEpoch = .zero) {
        self.start = start
        self.endOffset = start.offset
        self.entries = []
    }

    /// A log as it was found on disk. Entries below `start` are dropped, entries that do not ascend are refused.
    package init(start: OffsetAndEpoch, entries: [Entry], endOffset: Offset) {
        precondition(endOffset >= start.offset, "a log does not end before it starts")
        self.init(start: start)
        for (index, entry) in entries.enumerated() {
            let end = index + 1 < entries.count ? entries[index + 1].startOffset : endOffset
            if end > start.offset {
                self.append(epoch: entry.epoch, from: max(entry.startOffset, start.offset), to: end)
            }
        }
        precondition(self.endOffset == endOffset, "the epochs do not cover the log")
    }

    /// The end of the log with the epoch of its last record.
    package var end: OffsetAndEpoch { OffsetAndEpoch(offset: self.endOffset, epoch: self.lastEpoch) }

    /// The epoch of the last record, of the snapshot below an empty log, or 0.
    package var lastEpoch: LeaderEpoch { self.entries.last?.epoch ?? self.start.epoch }

    /// Records of `epoch` were appended at the end.
    package mutating func append(epoch: LeaderEpoch, from baseOffset: Offset, to endOffset: Offset) {
        precondition(baseOffset == self.endOffset && endOffset > baseOffset, "records are appended at the end")
        precondition(epoch >= self.lastEpoch, "epochs in a log do not go back")
        if self.entries.last?.epoch != epoch {
            self.entries.append(Entry(epoch: epoch, startOffset: baseOffset))
        }
        self.endOffset = endOffset
    }

    /// Everything from `offset` on was removed.
    package mutating func truncate(to offset: Offset) {
        precondition(offset >= self.start.offset && offset <= self.endOffset, "truncation stays within the log")
        self.entries.removeAll { $0.startOffset >= offset }
        self.endOffset = offset
    }

    /// Everything below `offset` was removed, a snapshot having taken its place.
    package mutating func advanceStart(to offset: Offset) {
        precondition(offset >= self.start.offset && offset <= self.endOffset, "the start stays within the log")
        self.start = OffsetAndEpoch(offset: offset, epoch: self.epoch(before: offset))
        while self.entries.count > 1, self.entries[1].startOffset <= offset { self.entries.removeFirst() }
        if let first = self.entries.first, first.startOffset < offset {
            self.entries[0].startOffset = offset
        }
        if offset == self.endOffset { self.entries.removeAll() }
    }

    /// The epoch of the record before `offset`, which must lie within the log or at an end of it.
    package func epoch(before offset: Offset) -> LeaderEpoch {
        self.entries.last { $0.startOffset < offset }?.epoch ?? self.start.epoch
    }

    /// The largest epoch in the log that is not above `epoch`, and the offset after its last record. Where the log
    /// holds none, the start of the log (KIP-595).
    package func end(forEpoch epoch: LeaderEpoch) -> OffsetAndEpoch {
        guard let index = self.entries.lastIndex(where: { $0.epoch <= epoch }) else { return self.start }
        let end = index + 1 < self.entries.count ? self.entries[index + 1].startOffset : self.endOffset
        return OffsetAndEpoch(offset: end, epoch: self.entries[index].epoch)
    }
}
