package import ApusCore
import FileSystem

extension LogDirectory {
    /// The folders of partitions, ordered by name, without that of the metadata quorum.
    package func partitionFolders() throws(LogError) -> [PartitionFolder] {
        let entries = try LogError.storage { () throws(FileSystemError) in try self.fileSystem.list(self.path) }
        return entries.filter(\.isDirectory).compactMap { PartitionFolder(name: $0.name) }
            .filter { $0.partition.topic != PartitionFolder.metadataTopic }
    }

    package func path(of folder: PartitionFolder) -> String { "\(self.path)/\(folder.name)" }

    /// The id of the topic that a partition's folder belongs to, or nil where it does not say: then it was made before a
    /// power loss and no flush of its log had completed, or another program made it.
    package func topicID(of folder: PartitionFolder) throws(LogError) -> TopicID? {
        try PartitionMetadata.read(folder: self.path(of: folder), self.fileSystem)
    }

    /// Makes the folder of a partition, empty but for the topic's id; nothing happens to one that exists already.
    ///
    /// When it returns with `durable`, the folder survives a power loss; without, `kill -9` only, until `synchronize`,
    /// which makes up for many at once, or the first flush of the log that is opened in it.
    package func createFolder(
        _ folder: PartitionFolder, topicID: TopicID, durable: Bool = true
    ) throws(LogError) {
        let path = self.path(of: folder)
        // What is there and durable must not be made less so.
        if try PartitionMetadata.read(folder: path, self.fileSystem) == topicID, !durable { return }
        try LogError.storage { () throws(FileSystemError) in
            if try self.fileSystem.attributes(path) == nil { try self.fileSystem.createDirectory(path) }
            try self.fileSystem.replaceContents(
                of: "\(path)/\(PartitionMetadata.name)", with: PartitionMetadata.encode(topicID), durable: durable)
            if durable { try self.fileSystem.synchronizeDirectory(self.path) }
        }
    }

    /// Waits until the names of all folders are on the disk.
    package func synchronize() throws(LogError) {
        try LogError.storage { () throws(FileSystemError) in try self.fileSystem.synchronizeDirectory(self.path) }
    }

    /// Opens the log in a partition's folder, which exists; see `PartitionLog.open`.
    package func openLog(
        _ folder: PartitionFolder, configuration: LogConfiguration, recoveryPoint: Offset, logStartOffset: Offset,
        isClean: Bool, seed: UInt64, now: Timestamp
    ) throws(LogError) -> sending PartitionLog {
        try PartitionLog.open(
            PartitionLog.Origin(
                folder: self.path(of: folder), configuration: configuration, recoveryPoint: recoveryPoint,
                logStartOffset: logStartOffset, isClean: isClean, seed: seed),
            cache: self.cache, now: now)
    }

    /// Gives a partition's folder the name of another state, with its log where that is open. Returns the new folder.
    ///
    /// When it returns, the new name survives a power loss.
    package func rename(
        _ folder: PartitionFolder, to state: PartitionFolder.State, id: KafkaUUID, log: PartitionLog? = nil
    ) throws(LogError) -> PartitionFolder {
        let renamed = folder.renamed(to: state, id: id)
        try LogError.storage { () throws(FileSystemError) in
            try self.fileSystem.rename(self.path(of: folder), to: self.path(of: renamed))
            try self.fileSystem.synchronizeDirectory(self.path)
        }
        log?.moved(to: self.path(of: renamed))
        return renamed
    }

    /// Removes a folder that does not say whose it is. A power loss on the way leaves one like that.
    package func discard(_ folder: PartitionFolder) throws(LogError) {
        precondition(folder.state == .current, "what has another state is nobody's log")
        try LogError.storage { () throws(FileSystemError) in
            try self.fileSystem.removeTree(self.path(of: folder))
        }
    }

    /// Whether the folder is there.
    package func exists(_ folder: PartitionFolder) throws(LogError) -> Bool {
        try LogError.storage { () throws(FileSystemError) in
            try self.fileSystem.attributes(self.path(of: folder)) != nil
        }
    }

    /// When a name in the folder was last made or removed.
    package func modified(_ folder: PartitionFolder) throws(LogError) -> Timestamp {
        let attributes = try LogError.storage { () throws(FileSystemError) in
            try self.fileSystem.attributes(self.path(of: folder))
        }
        return Timestamp(attributes?.modified ?? .max)
    }

    /// Makes now the time at which the folder was modified.
    package func touch(_ folder: PartitionFolder) throws(LogError) {
        try LogError.storage { () throws(FileSystemError) in
            let path = "\(self.path(of: folder))/.touched"
            try self.fileSystem.replaceContents(of: path, with: [], durable: false)
            try self.fileSystem.remove(path)
        }
    }

    /// Removes a folder with everything in it. A power loss on the way may leave part of it, under its deleted or stray
    /// name.
    package func remove(_ folder: PartitionFolder) throws(LogError) {
        precondition(folder.state == .deleted || folder.state == .stray, "a folder is renamed before it is removed")
        try LogError.storage { () throws(FileSystemError) in
            try self.fileSystem.removeTree(self.path(of: folder))
        }
    }
}

extension PartitionLog {
    /// Follows a rename of the folder.
    func moved(to folder: String) {
        let slots = self.segments.flatMap(\.slots) + self.deletions.flatMap(\.slots)
        for slot in slots {
            slot.moved(to: folder + slot.path.dropFirst(self.folder.count))
        }
        self.folder = folder
    }
}
