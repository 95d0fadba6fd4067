package import ApusCore
import FileSystem
package import KafkaPrimitives

/// A piece of the log that begins at a batch.
package struct LogRead: Sendable {
    /// Where the batches lie, or nil where there are none to give. Keeps the file open, also when it is deleted.
    package var region: FileRegion?
    /// The offset asked for, and where its batch lies.
    package var position: LogPosition
    /// The base offset of the first batch in the region: at or before the offset asked for, or after it where
    /// compaction has removed records.
    package var baseOffset: Offset
    /// The region ends within its first batch.
    package var isFirstBatchIncomplete: Bool
}

extension PartitionLog {
    /// Finds the batches from the one that holds `offset` on.
    ///
    /// The region ends before the batch that holds `endOffset` (the high watermark, the last stable offset or the log's
    /// end), at the end of a segment, or after `maxBytes`, then possibly within a batch. With `minOneBatch` it holds the
    /// whole first batch even where that is larger. Nothing is read near the end of the log; elsewhere an index and some
    /// headers are, which may wait for the disk (see `isAnsweredFromMemory`).
    ///
    /// Throws `offsetOutOfRange` for an offset below `logStartOffset` or above `logEndOffset`.
    package func read(
        from offset: Offset, maxBytes: Int, minOneBatch: Bool, endOffset: Offset
    ) throws(LogError) -> LogRead {
        try self.checkInRange(offset)
        let endOffset = min(endOffset, self.logEndOffset)
        guard offset < endOffset, var index = self.segmentIndex(for: offset) else {
            return Self.empty(at: try self.position(of: offset))
        }
        while index < self.segments.count {
            let segment = self.segments[index]
            if let batch = try segment.batch(atOrAfter: offset) {
                return try self.read(
                    segment, index: index, batch: batch, offset: offset, maxBytes: maxBytes, minOneBatch: minOneBatch,
                    endOffset: endOffset)
            }
            // Compaction has removed everything from the offset to the segment's end.
            index += 1
        }
        return Self.empty(at: self.endPosition)
    }

    private func read(
        _ segment: LogSegment, index: Int, batch: LogSegment.BatchPlace, offset: Offset, maxBytes: Int,
        minOneBatch: Bool, endOffset: Offset
    ) throws(LogError) -> LogRead {
        let position = LogPosition(
            offset: offset, segmentBaseOffset: segment.baseOffset, positionInSegment: batch.position)
        var end = segment.size
        if endOffset < self.endOffset(ofSegment: index) {
            end = try segment.batch(atOrAfter: endOffset)?.position ?? segment.size
        }
        let limit = minOneBatch ? max(maxBytes, batch.size) : maxBytes
        let count = min(limit, end - batch.position)
        guard count > 0 else { return Self.empty(at: position) }
        let file = try segment.openFile()
        return LogRead(
            region: FileRegion(
                owner: file, descriptor: file.descriptor, offset: Int64(batch.position), count: count),
            position: position, baseOffset: batch.baseOffset, isFirstBatchIncomplete: count < batch.size)
    }

    private static func empty(at position: LogPosition) -> LogRead {
        LogRead(region: nil, position: position, baseOffset: position.offset, isFirstBatchIncomplete: false)
    }

    /// Where the batch that holds `offset` lies; for the end of the log, where the next batch will.
    ///
    /// Throws `offsetOutOfRange` outside of the log.
    package func position(of offset: Offset) throws(LogError) -> LogPosition {
        try self.checkInRange(offset)
        guard offset < self.logEndOffset, var index = self.segmentIndex(for: offset) else { return self.endPosition }
        while index < self.segments.count {
            let segment = self.segments[index]
            if let batch = try segment.batch(atOrAfter: offset) {
                return LogPosition(
                    offset: offset, segmentBaseOffset: segment.baseOffset, positionInSegment: batch.position)
            }
            index += 1
        }
        return self.endPosition
    }

    /// Whether `read` from `offset` touches no file, so that it cannot wait for the disk.
    package func isAnsweredFromMemory(_ offset: Offset) -> Bool {
        offset >= self.logEndOffset || self.active.tail.first(atOrAfter: offset) != nil
    }

    /// The aborted transactions that have records in what `read` returned, for a reader of committed records.
    ///
    /// As in Kafka the end is known to an index entry only, so that some may be named that end after the region.
    package func abortedTransactions(in read: LogRead) throws(LogError) -> [AbortedTransaction] {
        guard let region = read.region, let index = self.segmentIndex(for: read.position.segmentBaseOffset) else {
            return []
        }
        let endPosition = read.position.positionInSegment + region.count
        let known = try self.segments[index].offset(notBefore: endPosition)
        return self.abortedTransactions(from: read.position.offset, to: known ?? self.endOffset(ofSegment: index))
    }

    /// The aborted transactions that have records from `offset` up to `endOffset`.
    package func abortedTransactions(from offset: Offset, to endOffset: Offset) -> [AbortedTransaction] {
        var found: [AbortedTransaction] = []
        guard var index = self.segmentIndex(for: offset) else { return [] }
        while index < self.segments.count {
            let segment = self.segments[index]
            guard segment.abortedTransactions.collect(from: offset, to: endOffset, into: &found) else { break }
            index += 1
        }
        return found
    }

    private func checkInRange(_ offset: Offset) throws(LogError) {
        guard offset >= self.logStartOffset, offset <= self.logEndOffset else {
            throw LogError(
                .offsetOutOfRange, "\(offset) is not within \(self.logStartOffset) to \(self.logEndOffset)")
        }
    }
}
