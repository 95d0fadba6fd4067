package import ApusCore
import FileSystem
import KafkaPrimitives

/// The log of one partition, in Kafka's files: segments with their indexes, leader epochs and producers' states.
///
/// Not safe for threads: its owner holds a lock around every call. Calls write into the page cache and never wait for
/// the disk, but where their comment says so; what must wait is handed out (`FlushTicket`, `RemovableFiles`) to be done
/// by an I/O thread without the lock.
///
/// Offsets: `logStartOffset <= recoveryPoint <= logEndOffset` does not hold in general: the start may be moved beyond
/// the recovery point. What lies below the recovery point survives a power loss.
///
/// After a failed file operation the log refuses every further change (`LogError.Code.unavailable`) until it is opened
/// anew; reads go on.
package final class PartitionLog {
    /// The folder that holds the files.
    package internal(set) var folder: String
    package var configuration: LogConfiguration
    /// The first offset that may be read; everything below is deleted or about to be.
    package internal(set) var logStartOffset: Offset
    /// The offset that the next record gets.
    package internal(set) var logEndOffset: Offset
    /// Everything below survives a power loss.
    package internal(set) var recoveryPoint: Offset
    package internal(set) var epochs: LeaderEpochCache
    /// Records appended since the last flush was prepared.
    package internal(set) var unflushedRecords: Int64 = 0
    /// Whether an earlier file operation failed.
    package internal(set) var isFailed = false

    let cache: OpenFileCache
    /// In the order of their base offsets; never empty; the last is appended to.
    var segments: [LogSegment]
    var random: SeededRandom
    /// Removed files and when they may go.
    var deletions: [PendingDeletion] = []
    /// Names in the folder have changed since it was last synchronized.
    var isFolderChanged = true
    /// The folder itself, and the file that says whose it is, may not be on the disk yet.
    var isFolderNew: Bool
    /// The leader epochs have changed since their file was last synchronized.
    var areEpochsChanged = true
    /// Counts truncations, so that a flush that overlaps one does not count.
    var truncations = 0
    /// Headers of the batches of one append, which differ from those in the received bytes.
    var headers = ByteStorage(capacity: 0)
    var gathered = GatheredBytes()
    var producers: ProducerStates
    /// What the folder says of a checkpoint that is not to be believed.
    var lowered: LoweredRecoveryPoint?

    struct PendingDeletion {
        var slots: [FileSlot]
        /// When the files go; nil until the first poll, which starts the delay.
        var due: Instant?
    }

    init(
        folder: String, configuration: LogConfiguration, cache: OpenFileCache, segments: [LogSegment],
        logStartOffset: Offset, logEndOffset: Offset, recoveryPoint: Offset, epochs: LeaderEpochCache,
        producers: ProducerStates, isFolderNew: Bool, random: SeededRandom
    ) {
        precondition(!segments.isEmpty, "a log has a segment to append to")
        self.folder = folder
        self.configuration = configuration
        self.cache = cache
        self.segments = segments
        self.logStartOffset = logStartOffset
        self.logEndOffset = logEndOffset
        self.recoveryPoint = recoveryPoint
        self.epochs = epochs
        self.producers = producers
        self.isFolderNew = isFolderNew
        self.random = random
    }

    var fileSystem: FileSystemPort { self.cache.fileSystem }

    /// The segment that is appended to.
    var active: LogSegment { self.segments[self.segments.count - 1] }

    /// Length of all batches in bytes.
    package var size: Int64 { self.segments.reduce(0) { $0 + Int64($1.size) } }

    package var segmentCount: Int { self.segments.count }

    /// The base offsets of the segments, ascending.
    package var segmentBaseOffsets: [Offset] { self.segments.map(\.baseOffset) }

    /// Where the log ends.
    package var endPosition: LogPosition {
        LogPosition(
            offset: self.logEndOffset, segmentBaseOffset: self.active.baseOffset, positionInSegment: self.active.size)
    }

    /// Runs a change; if a file operation in it fails, the log refuses all that follow.
    func changing<Result>(_ body: () throws(LogError) -> Result) throws(LogError) -> Result {
        if self.isFailed { throw LogError(.unavailable, "an earlier operation on \(self.folder) failed") }
        do {
            return try body()
        } catch {
            if error.code == .storage { self.isFailed = true }
            throw error
        }
    }

    /// Index of the segment that holds `offset` or would: the last one that does not begin after it.
    func segmentIndex(for offset: Offset) -> Int? {
        if self.active.baseOffset <= offset { return self.segments.count - 1 }
        var low = 0
        var high = self.segments.count
        while low < high {
            let middle = (low + high) / 2
            if self.segments[middle].baseOffset <= offset {
                low = middle + 1
            } else {
                high = middle
            }
        }
        return low > 0 ? low - 1 : nil
    }

    /// The offset after the segment at `index`.
    func endOffset(ofSegment index: Int) -> Offset {
        index + 1 < self.segments.count ? self.segments[index + 1].baseOffset : self.logEndOffset
    }
}

/// An offset and where its batch lies, so that bytes between two offsets can be counted.
package struct LogPosition: Hashable, Sendable {
    package var offset: Offset
    package var segmentBaseOffset: Offset
    /// Position in the segment's file, in bytes.
    package var positionInSegment: Int

    package init(offset: Offset, segmentBaseOffset: Offset, positionInSegment: Int) {
        self.offset = offset
        self.segmentBaseOffset = segmentBaseOffset
        self.positionInSegment = positionInSegment
    }

    /// Bytes from `other` to this position, where both are in the same segment.
    package func bytes(since other: LogPosition) -> Int? {
        self.segmentBaseOffset == other.segmentBaseOffset ? self.positionInSegment - other.positionInSegment : nil
    }
}
