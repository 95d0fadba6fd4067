import ApusCore
import FileSystem

/// Reads a partition's folder into a log.
struct LogOpener {
    var origin: PartitionLog.Origin
    let cache: OpenFileCache
    let now: Timestamp
    var segments: [LogSegment] = []
    var epochs = LeaderEpochCache()
    var producers = ProducerStates(table: ProducerStateTable(), snapshots: [])
    /// Whether the producers' table accounts for everything up to its end.
    var isTableCurrent = false
    var random: SeededRandom
    /// The leader epoch of the newest batch read so far; later ones may not have a smaller one.
    var latestEpoch = LeaderEpoch.unknown
    var folder: String { self.origin.folder }
    var fileSystem: FileSystemPort { self.cache.fileSystem }

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
        self.producers = ProducerStates(
            table: ProducerStateTable(),
            snapshots: sizes.keys.compactMap { SegmentFileName.parse($0) }
                .filter { $0.kind == .producerSnapshot }.map(\.offset).sorted())
        try self.recover(damaged: damaged, areEpochsLost: stored == nil)
        var endOffset = try self.segments.last?.endOffset() ?? self.origin.logStartOffset
        let first = self.segments.first?.baseOffset ?? self.origin.logStartOffset
        let startOffset = max(self.origin.logStartOffset, first)
        if endOffset < startOffset {
            // The records below the start were lost with those above it: nothing is left to keep.
            try self.removeSegments(from: 0)
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

    mutating func assemble(
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
            isFolderNew: !self.origin.isClean, random: self.random)
        if before != self.epochs { try log.writeEpochs() }
        try log.settleProducers(isCurrent: self.isTableCurrent, now: self.now)
        return log
    }

    /// Takes up all segments; returns the index of the first whose indexes are damaged.
    mutating func loadSegments(_ sizes: inout [String: Int64]) throws(LogError) -> Set<Int> {
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

    func remove(_ segment: LogSegment) throws(LogError) {
        try LogError.storage { () throws(FileSystemError) in
            for slot in segment.slots {
                slot.close()
                try self.fileSystem.removeIfPresent(slot.path)
            }
        }
    }
}
