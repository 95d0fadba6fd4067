import ApusCore
import Replication

/// One record of a simulated log: a value that no other record has, and the epoch of the leader that took it.
struct MemoryRecord: Equatable {
    var value: Int
    var epoch: LeaderEpoch
}

/// The offset at which an epoch begins.
struct EpochEntry: Equatable {
    var epoch: LeaderEpoch
    var startOffset: Offset
}

/// A log in memory with a leader-epoch cache, of which a crash may lose what was not synced.
struct MemoryLog {
    private(set) var startOffset: Offset = 0
    /// The records from `startOffset` on.
    private(set) var records: [MemoryRecord] = []
    /// The leader-epoch cache: where each epoch begins, ascending.
    private(set) var epochs: [EpochEntry] = []
    /// A crash keeps everything below.
    var syncedOffset: Offset = 0
    /// Everything from the start to here was compared with the committed history.
    var verifiedOffset: Offset = 0

    var endOffset: Offset { self.startOffset + Int64(self.records.count) }

    var bounds: LogBounds { LogBounds(startOffset: self.startOffset, endOffset: self.endOffset) }

    var latestEpoch: LeaderEpoch? { self.epochs.last?.epoch }

    func record(at offset: Offset) -> MemoryRecord {
        self.records[Int(offset - self.startOffset)]
    }

    func read(from offset: Offset, upTo end: Offset, max count: Int) -> [MemoryRecord] {
        guard offset < end else { return [] }
        let first = Int(offset - self.startOffset)
        return Array(self.records[first..<min(self.records.count, Int(end - self.startOffset))].prefix(count))
    }

    mutating func append(_ record: MemoryRecord) {
        self.assign(record.epoch, at: self.endOffset)
        self.records.append(record)
    }

    mutating func assign(_ epoch: LeaderEpoch, at offset: Offset) {
        if let latest = self.epochs.last?.epoch, latest >= epoch { return }
        while let last = self.epochs.last, last.startOffset >= offset { self.epochs.removeLast() }
        self.epochs.append(EpochEntry(epoch: epoch, startOffset: offset))
    }

    /// As `LeaderEpochFileCache.endOffsetFor`.
    func end(of epoch: LeaderEpoch) -> EpochEndOffset? {
        if let latest = self.epochs.last, latest.epoch == epoch {
            return EpochEndOffset(leaderEpoch: epoch, endOffset: self.endOffset)
        }
        guard let higher = self.epochs.firstIndex(where: { $0.epoch > epoch }) else { return nil }
        let found = higher > 0 ? self.epochs[higher - 1].epoch : epoch
        return EpochEndOffset(leaderEpoch: found, endOffset: self.epochs[higher].startOffset)
    }

    mutating func truncate(to offset: Offset) {
        precondition(offset >= self.startOffset && offset <= self.endOffset)
        self.records.removeLast(Int(self.endOffset - offset))
        while let last = self.epochs.last, last.startOffset >= offset { self.epochs.removeLast() }
        self.syncedOffset = min(self.syncedOffset, offset)
        self.verifiedOffset = min(self.verifiedOffset, offset)
    }

    mutating func restart(at offset: Offset) {
        self.startOffset = offset
        self.records = []
        self.epochs = []
        self.syncedOffset = offset
        self.verifiedOffset = offset
    }

    mutating func deleteRecords(before offset: Offset) {
        guard offset > self.startOffset else { return }
        self.records.removeFirst(Int(offset - self.startOffset))
        self.startOffset = offset
        // The epoch that the first record left belongs to stays, beginning there.
        while self.epochs.count > 1 && self.epochs[1].startOffset <= offset { self.epochs.removeFirst() }
        if !self.epochs.isEmpty { self.epochs[0].startOffset = max(self.epochs[0].startOffset, offset) }
        self.syncedOffset = max(self.syncedOffset, offset)
        self.verifiedOffset = max(self.verifiedOffset, offset)
    }

    mutating func apply(_ truncation: FollowerTruncation) {
        switch truncation {
        case .none: break
        case .truncate(let offset): self.truncate(to: offset)
        case .restart(let offset): self.restart(at: offset)
        }
    }
}
