package import ApusCore
import FileSystem
package import KafkaPrimitives

/// An offset found by time.
package struct TimestampedOffset: Hashable, Sendable {
    package var offset: Offset
    package var timestamp: Timestamp
    /// The epoch of the leader that appended the record, or `unknown`.
    package var leaderEpoch: LeaderEpoch

    package init(offset: Offset, timestamp: Timestamp, leaderEpoch: LeaderEpoch) {
        self.offset = offset
        self.timestamp = timestamp
        self.leaderEpoch = leaderEpoch
    }
}

extension PartitionLog {
    /// The largest epoch not above `epoch` that the log knows, and the offset after its last record; `unknown` where
    /// `epoch` is newer than all. Source: KIP-101, KIP-279.
    package func end(of epoch: LeaderEpoch) -> LeaderEpochCache.EpochEnd {
        self.epochs.end(of: epoch, logEndOffset: self.logEndOffset)
    }

    /// The first offset that may be read; as Kafka's answer to the timestamp -2.
    package var earliestOffset: TimestampedOffset {
        TimestampedOffset(
            offset: self.logStartOffset, timestamp: .none,
            leaderEpoch: self.epochs.epoch(of: self.logStartOffset) ?? .unknown)
    }

    /// The offsets that clients before 0.10.1 were told for a time: of segments that were last written at or before
    /// `timestamp`, the base offsets, newest first, at most `countMax`. -1 begins with the end of the log, -2 is its
    /// start alone. Source: ListOffsets version 0.
    ///
    /// - Parameter visibleEnd: the asker may see records below it; an offset beyond is told as this one.
    package func segmentOffsets(
        notNewerThan timestamp: Timestamp, visibleEnd: Offset, now: Timestamp, countMax: Int
    ) -> [Offset] {
        var candidates = self.segments.map { (offset: max($0.baseOffset, self.logStartOffset), time: $0.modified) }
        if self.active.size > 0 { candidates.append((self.logEndOffset, now)) }
        switch timestamp {
        case -1: break
        case -2: candidates = [candidates[0]]
        default: candidates.removeAll { $0.time > timestamp }
        }
        let offsets = candidates.map(\.offset).reversed()
        let hidden = offsets.prefix { $0 > visibleEnd }
        let visible = (hidden.isEmpty ? [] : [visibleEnd]) + offsets.dropFirst(hidden.count)
        return Array(visible.prefix(max(0, countMax)))
    }

    /// The batch in which a record may be found by time.
    package struct TimedBatch: Sendable {
        /// The whole batch, read into memory.
        package var bytes: ByteSlice
        /// Records before this offset do not count.
        package var minOffset: Offset
        package var maxTimestamp: Timestamp
    }

    /// The first batch that has a record not older than `timestamp`, at or after the log's start; nil where there is
    /// none. Which record it is, the batch's own records tell.
    ///
    /// Reads an index, headers and one batch: may wait for the disk.
    package func batch(notOlderThan timestamp: Timestamp) throws(LogError) -> TimedBatch? {
        for (index, segment) in self.segments.enumerated() {
            guard self.endOffset(ofSegment: index) > self.logStartOffset, segment.maxTimestamp.timestamp >= timestamp,
                let batch = try segment.storedBatch(notOlderThan: timestamp, from: self.logStartOffset)
            else { continue }
            return try self.timedBatch(batch, in: segment)
        }
        return nil
    }

    /// The batch with the newest record; nil in a log without timestamps. As Kafka's answer to the timestamp -3.
    ///
    /// Reads an index, headers and one batch: may wait for the disk.
    package func newestBatch() throws(LogError) -> TimedBatch? {
        var newest: LogSegment?
        for segment in self.segments
        where segment.maxTimestamp.timestamp > newest?.maxTimestamp.timestamp ?? .none {
            newest = segment
        }
        guard let newest, let batch = try newest.storedBatch(atOrAfter: newest.maxTimestamp.offset) else { return nil }
        return try self.timedBatch(batch, in: newest)
    }

    private func timedBatch(_ batch: StoredBatch, in segment: LogSegment) throws(LogError) -> TimedBatch {
        let file = try segment.openFile()
        let bytes = try LogError.storage { () throws(FileSystemError) in
            try file.readSlice(at: Int64(batch.position), count: batch.size)
        }
        return TimedBatch(bytes: bytes, minOffset: self.logStartOffset, maxTimestamp: batch.maxTimestamp)
    }
}
