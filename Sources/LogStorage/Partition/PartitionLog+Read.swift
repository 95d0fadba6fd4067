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
    /// whole first batch even where that is larger. Near the end of the log nothing is read; elsewhere an index and some
    /// headers are, which may wait for the disk: `planRead` lets that be done without the lock.
    ///
    /// Throws `offsetOutOfRange` for an offset below `logStartOffset` or above `logEndOffset`.
    package func read(
        from offset: Offset, maxBytes: Int, minOneBatch: Bool, endOffset: Offset
    ) throws(LogError) -> LogRead {
        switch try self.planRead(from: offset, maxBytes: maxBytes, minOneBatch: minOneBatch, endOffset: endOffset) {
        case .ready(let read): return read
        case .deferred(let read): return try read.perform()
        }
    }

    /// Does the same as `read` where no file needs to be looked into, and else says what is to be done without the lock.
    package func planRead(
        from offset: Offset, maxBytes: Int, minOneBatch: Bool, endOffset: Offset
    ) throws(LogError) -> ReadPlan {
        try self.checkInRange(offset)
        let endOffset = min(endOffset, self.logEndOffset)
        guard offset < endOffset else {
            return offset == self.logEndOffset
                ? .ready(LogRead(emptyAt: self.endPosition)) : .ready(LogRead(emptyAt: try self.position(of: offset)))
        }
        guard let index = self.segmentIndex(for: offset) else { preconditionFailure("the offset is in range") }
        let first = self.piece(index, from: offset, to: endOffset)
        let request = DeferredRead.Request(offset: offset, maxBytes: maxBytes, minOneBatch: minOneBatch)
        if let read = try first.readFromMemory(request) { return .ready(read) }
        var pieces = [first]
        // Compaction may have removed everything from the offset to the segment's end; then the next one begins after it.
        if let next = self.segments[(index + 1)...].firstIndex(where: { $0.size > 0 }) {
            pieces.append(self.piece(next, from: offset, to: endOffset))
        }
        return .deferred(DeferredRead(request: request, pieces: pieces, endPosition: self.endPosition))
    }

    private func piece(_ index: Int, from offset: Offset, to endOffset: Offset) -> DeferredRead.Piece {
        let segment = self.segments[index]
        let isCut = endOffset < self.endOffset(ofSegment: index)
        return DeferredRead.Piece(
            log: segment.log, segmentBaseOffset: segment.baseOffset, size: segment.size, first: segment.lookup(offset),
            end: isCut ? segment.lookup(endOffset) : nil)
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
