import ApusCore
import FileSystem
import KafkaPrimitives

/// What a read needs: nothing more, or a look into files.
package enum ReadPlan: Sendable {
    /// Answered from memory.
    case ready(LogRead)
    /// To be performed by a thread that may wait for the disk, or at once where that does not matter.
    case deferred(DeferredRead)
}

/// A read that looks for its batches in files, without the log's lock: segments only grow, and what is deleted meanwhile
/// stays readable. A truncation in between can only concern records above the high watermark.
package struct DeferredRead: Sendable {
    struct Request: Sendable {
        var offset: Offset
        var maxBytes: Int
        var minOneBatch: Bool
    }

    /// The part of a segment that may hold what is asked for.
    struct Piece: Sendable {
        var log: FileSlot
        var segmentBaseOffset: Offset
        var size: Int
        var first: BatchLookup
        /// The batch to end before; nil at the end of the segment.
        var end: BatchLookup?
    }

    let request: Request
    let pieces: [Piece]
    let endPosition: LogPosition

    /// Finds the batches; may wait for the disk. Throws as `PartitionLog.read` does, but for the range.
    package func perform() throws(LogError) -> LogRead {
        for piece in self.pieces {
            guard let first = try piece.first.batch() else { continue }
            let end = try piece.end?.batch()?.position
            return try piece.read(self.request, first: first, end: end ?? piece.size)
        }
        return LogRead(emptyAt: self.endPosition)
    }
}

extension DeferredRead.Piece {
    /// What is read where both ends are known without a file; nil where not.
    func readFromMemory(_ request: DeferredRead.Request) throws(LogError) -> LogRead? {
        guard case .found(let first) = self.first else { return nil }
        switch self.end {
        case nil: return try self.read(request, first: first, end: self.size)
        case .found(let end): return try self.read(request, first: first, end: end.position)
        case .search: return nil
        }
    }

    func read(_ request: DeferredRead.Request, first: BatchPlace, end: Int) throws(LogError) -> LogRead {
        let position = LogPosition(
            offset: request.offset, segmentBaseOffset: self.segmentBaseOffset, positionInSegment: first.position)
        let limit = request.minOneBatch ? max(request.maxBytes, first.size) : request.maxBytes
        let count = min(limit, end - first.position)
        guard count > 0 else { return LogRead(emptyAt: position) }
        let file = try LogError.storage { () throws(FileSystemError) in try self.log.file() }
        return LogRead(
            region: FileRegion(
                owner: file, descriptor: file.descriptor, offset: Int64(first.position), count: count),
            position: position, baseOffset: first.baseOffset, isFirstBatchIncomplete: count < first.size)
    }
}

extension LogRead {
    init(emptyAt position: LogPosition) {
        self.init(region: nil, position: position, baseOffset: position.offset, isFirstBatchIncomplete: false)
    }
}
