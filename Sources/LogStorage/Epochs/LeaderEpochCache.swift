package import ApusCore

/// Where each leader epoch of a log begins: what replicas find the point by at which their logs part.
///
/// Epochs and start offsets ascend strictly. Source: KIP-101, KIP-279.
package struct LeaderEpochCache: Hashable, Sendable {
    package struct Entry: Hashable, Sendable {
        package var epoch: LeaderEpoch
        package var startOffset: Offset

        package init(epoch: LeaderEpoch, startOffset: Offset) {
            self.epoch = epoch
            self.startOffset = startOffset
        }
    }

    /// An epoch and the offset after its last record.
    package struct EpochEnd: Hashable, Sendable {
        package var epoch: LeaderEpoch
        package var endOffset: Offset

        package init(epoch: LeaderEpoch, endOffset: Offset) {
            self.epoch = epoch
            self.endOffset = endOffset
        }

        /// The epoch asked for is newer than any that is known.
        package static let unknown = EpochEnd(epoch: .unknown, endOffset: .unknown)
    }

    package private(set) var entries: [Entry] = []

    package init() {}

    /// A cache with these entries, or nil where they do not ascend.
    package init?(_ entries: [Entry]) {
        for (before, after) in zip(entries, entries.dropFirst()) {
            guard before.epoch < after.epoch, before.startOffset <= after.startOffset else { return nil }
        }
        self.entries = entries
    }

    package var latest: LeaderEpoch? { self.entries.last?.epoch }

    /// Notes that `epoch` begins at `startOffset`; entries that contradict it go. Returns whether anything changed.
    package mutating func assign(_ epoch: LeaderEpoch, at startOffset: Offset) -> Bool {
        precondition(epoch >= 0 && startOffset >= 0)
        if let last = self.entries.last, last.epoch == epoch, last.startOffset <= startOffset { return false }
        while let last = self.entries.last, last.epoch >= epoch || last.startOffset >= startOffset {
            self.entries.removeLast()
        }
        self.entries.append(Entry(epoch: epoch, startOffset: startOffset))
        return true
    }

    /// The largest epoch not above `epoch`, and where it ends; `logEndOffset` ends the latest one.
    ///
    /// An epoch below all known ones comes back as it is, ending where the first known one begins.
    package func end(of epoch: LeaderEpoch, logEndOffset: Offset) -> EpochEnd {
        guard epoch >= 0, let last = self.entries.last, epoch <= last.epoch else { return .unknown }
        if epoch == last.epoch { return EpochEnd(epoch: epoch, endOffset: logEndOffset) }
        guard let next = self.entries.firstIndex(where: { $0.epoch > epoch }) else { return .unknown }
        let found = next > 0 ? self.entries[next - 1].epoch : epoch
        return EpochEnd(epoch: found, endOffset: self.entries[next].startOffset)
    }

    /// The epoch of the record at `offset`, or nil where it is below all that is known.
    package func epoch(of offset: Offset) -> LeaderEpoch? {
        self.entries.last { $0.startOffset <= offset }?.epoch
    }

    /// Forgets the epochs that begin at or after `endOffset`. Returns whether anything changed.
    package mutating func truncate(to endOffset: Offset) -> Bool {
        let count = self.entries.count
        while let last = self.entries.last, last.startOffset >= endOffset { self.entries.removeLast() }
        return self.entries.count != count
    }

    /// Forgets the epochs that end at or before `startOffset`; the one that holds it begins there from now on.
    /// Returns whether anything changed.
    package mutating func truncate(before startOffset: Offset) -> Bool {
        guard let holder = self.entries.lastIndex(where: { $0.startOffset <= startOffset }) else { return false }
        let before = self.entries
        self.entries.removeSubrange(..<holder)
        self.entries[0].startOffset = startOffset
        return self.entries != before
    }

    package mutating func removeAll() {
        self.entries.removeAll()
    }
}
