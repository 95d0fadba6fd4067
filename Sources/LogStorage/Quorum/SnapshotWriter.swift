import FileSystem
package import KafkaPrimitives
import KafkaRecords

/// Where the snapshots of a metadata log are written.
package struct SnapshotPlace: Sendable {
    let folder: String
    let fileSystem: FileSystemPort

    /// Begins to write a snapshot; see `MetadataLog.beginSnapshot`.
    package func begin(_ id: SnapshotID) throws(LogError) -> SnapshotWriter {
        try SnapshotWriter(id: id, folder: self.folder, fileSystem: self.fileSystem)
    }
}

/// A snapshot that is being written, by its maker or by a follower that receives it in pieces.
///
/// Nobody takes it for a snapshot before `finish`; what a crash leaves of it is removed at the next opening.
package struct SnapshotWriter: ~Copyable {
    package let id: SnapshotID
    private let folder: String
    private let fileSystem: FileSystemPort
    private let file: OpenFile
    /// Bytes written so far.
    package private(set) var size: Int64 = 0

    private var temporaryPath: String { "\(self.folder)/\(self.id.fileName)\(SnapshotID.partSuffix)" }

    init(id: SnapshotID, folder: String, fileSystem: FileSystemPort) throws(LogError) {
        self.id = id
        self.folder = folder
        self.fileSystem = fileSystem
        let path = "\(folder)/\(id.fileName)\(SnapshotID.partSuffix)"
        self.file = try LogError.storage { () throws(FileSystemError) in try fileSystem.open(path, .createOrTruncate) }
    }

    /// Adds bytes at the end, which need not be whole batches. They are in the page cache when it returns.
    package mutating func append(_ bytes: ByteSlice) throws(LogError) {
        let (file, position) = (self.file, self.size)
        try LogError.storage { () throws(FileSystemError) in
            try bytes.withUnsafeBytes { (buffer) throws(FileSystemError) in try file.write(buffer, at: position) }
        }
        self.size += Int64(bytes.count)
    }

    /// Ends the writing: checks every batch, waits for the disk and gives the file its name.
    ///
    /// When it returns, the snapshot survives a power loss. Throws `corruptFile` where it is not made of whole and sound
    /// batches that begin and end with a control batch; then it is removed.
    package consuming func finish() throws(LogError) {
        let (file, fileSystem, folder, id) = (self.file, self.fileSystem, self.folder, self.id)
        let path = self.temporaryPath
        guard try Self.isSound(file, size: Int(self.size)) else {
            try LogError.storage { () throws(FileSystemError) in try fileSystem.remove(path) }
            throw LogError(.corruptFile, "\(path) is not a whole snapshot")
        }
        try LogError.storage { () throws(FileSystemError) in
            try file.synchronize()
            try fileSystem.rename(path, to: "\(folder)/\(id.fileName)")
            try fileSystem.synchronizeDirectory(folder)
        }
    }

    /// Gives up the writing and removes the file.
    package consuming func discard() throws(LogError) {
        let (fileSystem, path) = (self.fileSystem, self.temporaryPath)
        try LogError.storage { () throws(FileSystemError) in try fileSystem.remove(path) }
    }

    private static func isSound(_ file: OpenFile, size: Int) throws(LogError) -> Bool {
        var cursor = StoredBatchCursor(file: file, from: 0, to: size)
        var last: RecordBatchHeader?
        do {
            while let batch = try cursor.next() {
                guard let header = batch.header, last != nil || header.isControl,
                    try batch.hasValidChecksum(in: file)
                else { return false }
                last = header
            }
        } catch {
            guard error.code == .corruptBatch else { throw error }
            return false
        }
        return last?.isControl ?? false
    }
}
