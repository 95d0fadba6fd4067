package import ApusCore
import FileSystem
package import KafkaPrimitives

/// The log of the metadata quorum, `__cluster_metadata-0`, with its snapshots and the quorum's state.
///
/// Not safe for threads: its owner holds a lock. Records are appended and read through `log`; they count as appended for
/// the quorum only once `log.flush` (or a ticket) has made them durable.
package final class MetadataLog {
    package let log: PartitionLog
    package let folder: String
    /// The finished snapshots, ascending.
    package private(set) var snapshots: [SnapshotID]
    private let directory: LogDirectory

    /// The folder of the log within a log directory.
    package static let folderName = "__cluster_metadata-0"

    private init(log: PartitionLog, folder: String, snapshots: [SnapshotID], directory: LogDirectory) {
        self.log = log
        self.folder = folder
        self.snapshots = snapshots
        self.directory = directory
    }

    /// Opens the log, making its folder if need be. All of it is recovered, as in Kafka, for no checkpoint covers it.
    ///
    /// The log starts at a snapshot's offset, or at 0. A snapshot beyond the log's end, which a crash left while it took
    /// the log's place, takes it now. Waits for the disk. Throws `corruptFile` where records are missing that no snapshot
    /// holds.
    package static func open(
        in directory: LogDirectory, configuration: LogConfiguration, now: Timestamp, seed: UInt64
    ) throws(LogError) -> sending MetadataLog {
        let folder = "\(directory.path)/\(Self.folderName)"
        let fileSystem = directory.fileSystem
        let exists = try LogError.storage { () throws(FileSystemError) in try fileSystem.attributes(folder) != nil }
        if !exists {
            guard let name = PartitionFolder(name: Self.folderName) else { preconditionFailure("a partition's name") }
            try directory.createFolder(name, topicID: TopicID(.clusterMetadata))
        }
        let snapshots = try Self.snapshots(in: folder, fileSystem)
        let log = try PartitionLog.open(
            PartitionLog.Origin(folder: folder, configuration: configuration, seed: seed), cache: directory.cache,
            now: now)
        if let newest = snapshots.last, newest.offset > log.logEndOffset {
            try log.truncateFully(startingAt: newest.offset, now: now)
        } else if log.logStartOffset > 0 {
            guard let first = snapshots.first(where: { $0.offset >= log.logStartOffset }) else {
                throw LogError(.corruptFile, "\(folder) begins at \(log.logStartOffset) without a snapshot")
            }
            _ = try log.advanceLogStart(to: first.offset)
        }
        return MetadataLog(log: log, folder: folder, snapshots: snapshots, directory: directory)
    }

    /// The finished snapshots; what is left of unfinished ones is removed.
    private static func snapshots(in folder: String, _ fileSystem: FileSystemPort) throws(LogError) -> [SnapshotID] {
        try LogError.storage { () throws(FileSystemError) in
            var found: [SnapshotID] = []
            for entry in try fileSystem.list(folder) where !entry.isDirectory {
                if let id = SnapshotID(fileName: entry.name) {
                    found.append(id)
                } else if entry.name.hasSuffix(SnapshotID.suffix + SnapshotID.partSuffix) {
                    try fileSystem.remove("\(folder)/\(entry.name)")
                }
            }
            return found.sorted()
        }
    }

    // MARK: Snapshots

    package var latestSnapshot: SnapshotID? { self.snapshots.last }

    /// The snapshot where the log starts, or nil at the log's beginning.
    package var startSnapshot: SnapshotID? { self.snapshots.last { $0.offset == self.log.logStartOffset } }

    /// Begins to write a snapshot. Nothing of it counts before it is finished and reported with `finished`.
    package func beginSnapshot(_ id: SnapshotID) throws(LogError) -> SnapshotWriter {
        try self.snapshotPlace.begin(id)
    }

    /// Where snapshots are written, for a thread that may wait for the disk.
    package var snapshotPlace: SnapshotPlace {
        SnapshotPlace(folder: self.folder, fileSystem: self.directory.fileSystem)
    }

    /// Notes that a snapshot was finished (`SnapshotWriter.finish`), and may be read.
    package func finished(_ id: SnapshotID) {
        guard !self.snapshots.contains(id) else { return }
        self.snapshots.append(id)
        self.snapshots.sort()
    }

    /// Lets the log begin anew, empty, after a finished snapshot that is beyond its end. When it returns, the records
    /// are gone and the new beginning survives a power loss.
    package func install(_ id: SnapshotID, now: Timestamp) throws(LogError) {
        precondition(self.snapshots.contains(id), "a snapshot is finished before it takes the log's place")
        try self.log.truncateFully(startingAt: id.offset, now: now)
    }

    /// The size of a snapshot in bytes, or nil where there is none of that id.
    package func size(of id: SnapshotID) throws(LogError) -> Int64? {
        guard self.snapshots.contains(id) else { return nil }
        return try LogError.storage { () throws(FileSystemError) in
            try self.directory.fileSystem.attributes(self.path(id))?.size
        }
    }

    /// A piece of a snapshot, of at most `maxBytes`; nil where there is none of that id. Its count is 0 at the end. The
    /// file stays readable while the region is referenced, also when the snapshot is deleted.
    package func region(of id: SnapshotID, position: Int64, maxBytes: Int) throws(LogError) -> FileRegion? {
        guard position >= 0, maxBytes >= 0, let size = try self.size(of: id) else { return nil }
        let file = try LogError.storage { () throws(FileSystemError) in
            try self.directory.fileSystem.open(self.path(id), .readOnly)
        }
        return FileRegion(
            owner: file, descriptor: file.descriptor, offset: position,
            count: Int(min(Int64(maxBytes), max(0, size - position))))
    }

    private func path(_ id: SnapshotID) -> String { "\(self.folder)/\(id.fileName)" }

    /// Moves the log's start to a finished snapshot, and removes the segments and snapshots below it. Returns false where
    /// the log starts there already or later.
    ///
    /// The segments' files are removed later (`takeRemovableFiles`). A power loss may bring any of it back, which harms
    /// nothing.
    package func deleteBefore(_ id: SnapshotID, now: Timestamp) throws(LogError) -> Bool {
        precondition(self.snapshots.contains(id), "the log does not start where no snapshot is")
        guard try self.log.advanceLogStart(to: id.offset) else { return false }
        try self.log.deleteSegments(
            self.log.segmentCountBelowStart(highWatermark: self.log.logEndOffset), now: now)
        while let oldest = self.snapshots.first, oldest < id {
            try LogError.storage { () throws(FileSystemError) in
                try self.directory.fileSystem.removeIfPresent(self.path(oldest))
            }
            self.snapshots.removeFirst()
        }
        return true
    }

    // MARK: The quorum's state

    /// The quorum's state; nil on a replica that never took part. Throws `corruptFile`.
    package func quorumState() throws(LogError) -> QuorumState? {
        try QuorumState.read(folder: self.folder, self.directory)
    }

    /// Replaces the quorum's state; survives a power loss when it returns.
    package func write(_ state: QuorumState) throws(LogError) {
        try state.write(folder: self.folder, self.directory)
    }
}
