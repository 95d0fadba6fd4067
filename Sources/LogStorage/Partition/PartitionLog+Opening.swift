package import ApusCore
package import FileSystem

extension PartitionLog {
    /// What is known of a log before its folder is read.
    package struct Origin: Sendable {
        package var folder: String
        package var configuration: LogConfiguration
        /// From the log folder's checkpoint; 0 where it has none.
        package var recoveryPoint: Offset
        /// From the log folder's checkpoint; 0 where it has none.
        package var logStartOffset: Offset
        /// The folder was marked as cleanly shut down: nothing needs to be recovered.
        package var isClean: Bool
        /// Seeds the jitter of rolling by time.
        package var seed: UInt64

        package init(
            folder: String, configuration: LogConfiguration, recoveryPoint: Offset = 0, logStartOffset: Offset = 0,
            isClean: Bool = false, seed: UInt64 = 0
        ) {
            self.folder = folder
            self.configuration = configuration
            self.recoveryPoint = recoveryPoint
            self.logStartOffset = logStartOffset
            self.isClean = isClean
            self.seed = seed
        }
    }

    /// Opens the log in a folder that exists, with the files it holds; an empty folder becomes an empty log.
    ///
    /// Without a clean shutdown it reads all batches from the segment of the recovery point on, cuts the log at the first
    /// that is damaged, out of order or cut short, and builds the indexes and states that follow from them anew: then
    /// everything that a completed flush had covered is there, and nothing that was not appended. Reads files, possibly
    /// for long: not for an event loop.
    package static func open(
        _ origin: Origin, cache: OpenFileCache, now: Timestamp
    ) throws(LogError) -> sending PartitionLog {
        var opener = LogOpener(origin: origin, cache: cache, now: now)
        return try opener.open()
    }
}

/// Reads a partition's folder into a log.
struct LogOpener {
    private var origin: PartitionLog.Origin
    let cache: OpenFileCache
    let now: Timestamp
    private var segments: [LogSegment] = []
    private var epochs = LeaderEpochCache()
    private var producers = ProducerStates()
    private var random: SeededRandom
    /// The leader epoch of the newest batch read so far; later ones may not have a smaller one.
    private var latestEpoch = LeaderEpoch.unknown
    private var folder: String { self.origin.folder }
    private var fileSystem: FileSystemPort { self.cache.fileSystem }

    init(origin: PartitionLog.Origin, cache: OpenFileCache, now: Timestamp) {
        self.origin = origin
        self.cache = cache
        self.now = now
        self.random = SeededRandom(seed: origin.seed)
    }

    mutating func open() throws(LogError) -> PartitionLog {
        var sizes = try self.tidiedFiles()
        let lowered = try LogError.storage { () throws(FileSystemError) in
            try LoweredRecoveryPoint.read(folder: self.folder, self.fileSystem)
        }
        if let lowered { self.origin.recoveryPoint = min(self.origin.recoveryPoint, lowered.recoveryPoint) }
        let damaged = try self.loadSegments(&sizes)
        let stored = try LogError.storage { () throws(FileSystemError) in
            try LeaderEpochCheckpoint.read(folder: self.folder, self.fileSystem)
        }
        self.epochs = stored ?? LeaderEpochCache()
        try self.recover(damaged: damaged, areEpochsLost: stored == nil)
        var endOffset = try self.segments.last?.endOffset() ?? self.origin.logStartOffset
        let first = self.segments.first?.baseOffset ?? self.origin.logStartOffset
        let startOffset = max(self.origin.logStartOffset, first)
        if endOffset < startOffset {
            // The records below the start were lost with those above it: nothing is left to keep.
            while let last = self.segments.popLast() { try self.remove(last) }
            endOffset = startOffset
        }
        if let last = self.segments.last {
            try LogError.storage { () throws(FileSystemError) in try last.reopen() }
        }
        let log = try self.assemble(startOffset: startOffset, endOffset: endOffset)
        log.lowered = lowered
        try log.lowerRecoveryPoint()
        return log
    }

    private mutating func assemble(
        startOffset: Offset, endOffset: Offset
    ) throws(LogError) -> PartitionLog {
        if self.segments.isEmpty {
            let segment = LogSegment.new(
                folder: self.folder, baseOffset: endOffset, configuration: self.origin.configuration, now: self.now,
                random: &self.random, cache: self.cache)
            _ = try LogError.storage { () throws(FileSystemError) in try segment.log.create() }
            self.segments = [segment]
        }
        let before = self.epochs
        _ = self.epochs.truncate(to: endOffset)
        _ = self.epochs.truncate(before: startOffset)
        let log = PartitionLog(
            folder: self.folder, configuration: self.origin.configuration, cache: self.cache,
            segments: self.segments, logStartOffset: startOffset, logEndOffset: endOffset,
            recoveryPoint: self.origin.recoveryPoint, epochs: self.epochs, producers: self.producers,
            random: self.random)
        if before != self.epochs { try log.writeEpochs() }
        try log.rebuildProducers()
        return log
    }

    /// Removes the leftovers of interrupted work, and returns the lengths of the files that are left.
    private func tidiedFiles() throws(LogError) -> [String: Int64] {
        try LogError.storage { () throws(FileSystemError) in
            var sizes: [String: Int64] = [:]
            for entry in try self.fileSystem.list(self.folder) where !entry.isDirectory {
                let path = "\(self.folder)/\(entry.name)"
                if entry.name.hasSuffix(SegmentFileName.deletedSuffix)
                    || entry.name.hasSuffix(SegmentFileName.cleanedSuffix) || entry.name.hasSuffix(".tmp")
                {
                    try self.fileSystem.remove(path)
                } else {
                    sizes[entry.name] = try self.fileSystem.attributes(path)?.size ?? 0
                }
            }
            return sizes
        }
    }

    /// Takes up all segments; returns the index of the first whose indexes are damaged.
    private mutating func loadSegments(_ sizes: inout [String: Int64]) throws(LogError) -> Set<Int> {
        let logs = sizes.keys.compactMap { SegmentFileName.parse($0) }.filter { $0.kind == .log }.map(\.offset)
        let bases = Set(logs)
        // An index without its log is left from a deletion that was cut short.
        for name in sizes.keys.sorted() {
            guard let file = SegmentFileName.parse(name), file.kind != .producerSnapshot, !bases.contains(file.offset)
            else { continue }
            try LogError.storage { () throws(FileSystemError) in try self.fileSystem.remove("\(self.folder)/\(name)") }
        }
        var damaged: Set<Int> = []
        for (index, base) in logs.sorted().enumerated() {
            let segment = LogSegment.new(
                folder: self.folder, baseOffset: base, configuration: self.origin.configuration, now: self.now,
                random: &self.random, cache: self.cache)
            let path = segment.log.path
            let attributes = try LogError.storage { () throws(FileSystemError) in try self.fileSystem.attributes(path) }
            let condition = try segment.load(sizes: sizes, modified: Timestamp(attributes?.modified ?? 0))
            if condition == .damaged { damaged.insert(index) }
            self.segments.append(segment)
        }
        return damaged
    }

    private func remove(_ segment: LogSegment) throws(LogError) {
        try LogError.storage { () throws(FileSystemError) in
            for slot in segment.slots {
                slot.close()
                try self.fileSystem.removeIfPresent(slot.path)
            }
        }
    }

    // MARK: Recovery

    /// Reads the segments that need it, from the first to the last, and cuts the log at the first damage.
    private mutating func recover(damaged: Set<Int>, areEpochsLost: Bool) throws(LogError) {
        let unflushed = self.segments.lastIndex { $0.baseOffset <= self.origin.recoveryPoint } ?? 0
        for index in self.segments.indices {
            let isUnflushed = !self.origin.isClean && index >= unflushed
            guard isUnflushed || damaged.contains(index) || areEpochsLost else { continue }
            if isUnflushed, index > unflushed, try !self.isContinued(at: index) {
                while self.segments.count > index { try self.remove(self.segments.removeLast()) }
                return
            }
            // The batches know better than a file that may be newer or older than they are.
            if isUnflushed, index == unflushed { _ = self.epochs.truncate(to: self.segments[index].baseOffset) }
            if try self.recover(self.segments[index]) { continue }
            // Behind a gap nothing can be trusted; from the end, so that a crash now leaves no gap either.
            while self.segments.count > index + 1 { try self.remove(self.segments.removeLast()) }
            return
        }
    }

    /// Whether the segment at `index` begins where the one before it ends. A power loss may have taken whole batches off
    /// the end of that one, without a trace in the file; for this reason `roll` leaves no gap between segments.
    private func isContinued(at index: Int) throws(LogError) -> Bool {
        let (before, segment) = (self.segments[index - 1], self.segments[index])
        if before.relative(segment.baseOffset) == nil { return true }
        return try before.endOffset() == segment.baseOffset
    }

    /// Builds everything that follows from a segment's batches anew; returns whether all of the file was whole.
    private mutating func recover(_ segment: LogSegment) throws(LogError) -> Bool {
        let fileSize = segment.size
        try LogError.storage { () throws(FileSystemError) in try segment.resetForRebuilding() }
        let file = try segment.openFile()
        var cursor = StoredBatchCursor(file: file, from: 0, to: fileSize)
        var expected = segment.baseOffset
        var isWhole = true
        while isWhole {
            var next: StoredBatch?
            do {
                next = try cursor.next()
            } catch {
                guard error.code == .corruptBatch else { throw error }
                isWhole = false
            }
            guard let batch = next else { break }
            guard try self.isSound(batch, expected: expected, in: segment, file) else {
                isWhole = false
                break
            }
            if batch.leaderEpoch >= 0, batch.leaderEpoch > self.epochs.latest ?? .unknown {
                _ = self.epochs.assign(batch.leaderEpoch, at: batch.baseOffset)
            }
            try LogError.storage { () throws(FileSystemError) in
                try segment.appended(batch, configuration: self.origin.configuration)
            }
            self.latestEpoch = max(self.latestEpoch, batch.leaderEpoch)
            expected = batch.lastOffset + 1
        }
        try LogError.storage { () throws(FileSystemError) in
            if segment.size < fileSize { try file.truncate(to: Int64(segment.size)) }
            try segment.close()
        }
        return isWhole
    }

    /// Whether a batch is what was written and continues the log.
    private func isSound(
        _ batch: StoredBatch, expected: Offset, in segment: LogSegment, _ file: OpenFile
    ) throws(LogError) -> Bool {
        guard batch.baseOffset >= expected, segment.relative(batch.lastOffset) != nil else { return false }
        // Bytes from before a truncation that a power loss has undone may be whole, but are of an older leader.
        guard batch.leaderEpoch < 0 || batch.leaderEpoch >= self.latestEpoch else { return false }
        return try batch.hasValidChecksum(in: file)
    }
}
