import ApusCore
import Broker
import KafkaPrimitives
import KafkaRecords
import LogStorage

/// The log of one replica as it was read so far, in one life of its process.
struct ObservedLog {
    private(set) var batches: BatchList
    /// Everything below was compared with what is committed and found the same.
    var verifiedEnd: Offset
    /// The stored bytes are no batches, or cannot be read: what lies after `batches.endOffset` is unknown.
    private(set) var isUnreadable = false

    /// Bytes that are read at once.
    private static let bytesMax = 1 << 20

    init(startingAt offset: Offset) {
        self.batches = BatchList(startingAt: offset)
        self.verifiedEnd = offset
    }

    /// Takes over what has changed.
    ///
    /// - Parameters:
    ///   - epochs: where the leader epochs of the log begin.
    ///   - read: the stored batches between two offsets, possibly cut within the last.
    mutating func follow(
        start: Offset, end: Offset, epochs: [(epoch: LeaderEpoch, start: Offset)],
        read: (_ from: Offset, _ to: Offset, _ bytesMax: Int) throws(LogError) -> ByteSlice
    ) {
        if start > self.batches.endOffset || end < self.batches.startOffset {
            self.batches.reset(to: start)
            self.verifiedEnd = start
        }
        let kept = self.unchangedEnd(end: end, epochs)
        if kept < self.batches.endOffset { self.batches.truncate(to: kept) }
        self.verifiedEnd = min(self.verifiedEnd, self.batches.endOffset)
        self.isUnreadable = false
        do throws(LogError) {
            while self.batches.endOffset < end, try self.take(read(self.batches.endOffset, end, Self.bytesMax)) {}
        } catch {
            self.isUnreadable = true
        }
    }

    /// Up to where the log is the one that was read before: where its epochs differ, it was cut and grew again.
    private func unchangedEnd(end: Offset, _ epochs: [(epoch: LeaderEpoch, start: Offset)]) -> Offset {
        let kept = min(end, self.batches.endOffset)
        for (place, entry) in epochs.enumerated() where entry.start < kept {
            let limit = min(kept, place + 1 < epochs.count ? epochs[place + 1].start : kept)
            if self.batches.batch(at: limit - 1)?.epoch ?? entry.epoch == entry.epoch,
                self.batches.batch(at: entry.start)?.epoch ?? entry.epoch == entry.epoch
            {
                continue
            }
            let first = self.batches.index(after: entry.start)
            let other = self.batches.batches[first...].first { $0.epoch != entry.epoch }
            return min(kept, other?.baseOffset ?? kept)
        }
        return kept
    }

    /// Appends whole batches. Returns whether there were any.
    private mutating func take(_ bytes: ByteSlice) throws(LogError) -> Bool {
        var scanner = LogEntryScanner(bytes)
        let before = self.batches.endOffset
        do throws(RecordError) {
            while let entry = try scanner.next() {
                guard case .batch(let batch) = entry else { break }
                guard batch.header.baseOffset >= self.batches.endOffset else { continue }
                self.batches.append(BatchDigest(batch))
            }
        } catch {
            throw LogError(.corruptFile, error.message)
        }
        return self.batches.endOffset > before
    }
}

/// Two batches that should be one.
struct BatchConflict {
    var own: String
    var other: String
}

extension ObservedLog {
    /// The first place where this log is not `other`, below `end`; only what was not verified before is compared, and
    /// only where both are known.
    func firstDifference(from other: BatchList, upTo end: Offset) -> BatchConflict? {
        let from = max(self.verifiedEnd, max(self.batches.startOffset, other.startOffset))
        let end = min(end, other.endOffset)
        guard from < end else { return nil }
        var (one, two) = (self.batches.index(after: from), other.index(after: from))
        while true {
            let own = one < self.batches.batches.count ? self.batches.batches[one] : nil
            let theirs = two < other.batches.count ? other.batches[two] : nil
            let ownIsBelow = own.map { $0.baseOffset < end } ?? false
            let otherIsBelow = theirs.map { $0.baseOffset < end } ?? false
            if !ownIsBelow && !otherIsBelow { return nil }
            if own != theirs {
                return BatchConflict(
                    own: own?.description ?? "nothing after \(self.batches.endOffset)",
                    other: theirs?.description ?? "nothing after \(other.endOffset)")
            }
            one += 1
            two += 1
        }
    }
}
