package import ApusCore
package import LogStorage
import Synchronization
package import Telemetry

/// The log directories of this broker, and what their checkpoints said when it started.
package final class LogStore: Sendable {
    /// One directory as it was found.
    package struct Opened: Sendable {
        package let directory: LogDirectory
        package let id: KafkaUUID
        let isClean: Bool
        let recoveryPoints: [TopicPartition: Offset]
        let highWatermarks: [TopicPartition: Offset]
        let logStarts: [TopicPartition: Offset]
        /// The folders that were there, by partition.
        let folders: [TopicPartition: PartitionFolder]
        /// Topic ids by folder, for folders left by a topic that was deleted meanwhile.
        let topicIDs: [TopicPartition: TopicID]
    }

    package let directories: [Opened]
    let log: Logger
    /// Which directory holds a partition, for those that are open.
    private let places = Mutex<[TopicIDPartition: Int]>([:])
    /// By directory: what was found at the start and was neither opened nor put aside since.
    private let untouched: Mutex<[Set<TopicPartition>]>
    /// Positions of the directories that were taken out of service; they come back with the next start.
    private let failed = Mutex<Set<Int>>([])

    /// Reads what is in the directories. From now on an end without `close` is a crash.
    ///
    /// Throws where a directory cannot be used, is not formatted for this node, or is in use.
    package init(
        directories: [LogDirectory], clusterID: String, nodeID: NodeID, log: Logger
    ) throws(LogError) {
        self.log = log
        var opened: [Opened] = []
        for directory in directories {
            guard let properties = try directory.metaProperties() else {
                throw LogError(.corruptFile, "\(directory.path) is not formatted; run 'apus storage format' first")
            }
            guard properties.clusterID == clusterID, properties.nodeID == nodeID else {
                throw LogError(
                    .corruptFile,
                    "\(directory.path) belongs to node \(properties.nodeID) of cluster \(properties.clusterID)")
            }
            let isClean = try directory.cleanShutdownMark() != nil
            try directory.removeCleanShutdownMark()
            var folders: [TopicPartition: PartitionFolder] = [:]
            var topicIDs: [TopicPartition: TopicID] = [:]
            for folder in try directory.partitionFolders() {
                if folder.state == .deleted {
                    try directory.remove(folder)
                } else if folder.state == .current {
                    let topicID = try directory.topicID(of: folder)
                    guard topicID != nil || isClean else {
                        // The first flush of a log makes this durable, so nothing in it ever was.
                        log.warn(
                            "a partition's folder does not say whose it is; it is removed",
                            ["folder": LogValue(directory.path(of: folder))])
                        try directory.discard(folder)
                        continue
                    }
                    folders[folder.partition] = folder
                    topicIDs[folder.partition] = topicID
                }
            }
            opened.append(
                Opened(
                    directory: directory, id: properties.directoryID ?? .zero, isClean: isClean,
                    recoveryPoints: try directory.offsets(.recoveryPoint),
                    highWatermarks: try directory.offsets(.highWatermark),
                    logStarts: try directory.offsets(.logStart), folders: folders, topicIDs: topicIDs))
        }
        self.directories = opened
        self.untouched = Mutex(opened.map { Set($0.folders.keys) })
    }

    /// Opens the log of a partition, making its folder where there is none. Waits for the disk.
    ///
    /// - Parameter directoryID: where the metadata wants it, if it says.
    /// - Throws: a failed file operation takes the directory out of service.
    package func open(
        _ id: TopicIDPartition, name: TopicPartition, directoryID: KafkaUUID?, localID: NodeID, policy: TopicPolicy,
        time: Timestamp, seed: UInt64
    ) throws(LogError) -> Partition {
        let index = try self.place(id, name, directoryID: directoryID, seed: seed)
        let place = self.directories[index]
        guard !self.isFailed(directory: index) else {
            throw LogError(.unavailable, "\(place.directory.path) is out of service")
        }
        do throws(LogError) {
            return try self.open(
                id, name: name, in: place, at: index, localID: localID, policy: policy, time: time, seed: seed)
        } catch {
            if error.code == .storage { self.fail(index, error) }
            throw error
        }
    }

    private func open(
        _ id: TopicIDPartition, name: TopicPartition, in place: Opened, at index: Int, localID: NodeID,
        policy: TopicPolicy, time: Timestamp, seed: UInt64
    ) throws(LogError) -> Partition {
        let folder = PartitionFolder(name)
        // What was found at the start says nothing of a folder that was removed and is made anew.
        let isKnown =
            try place.directory.exists(folder)
            && (place.topicIDs[name].map { $0 == id.topicID } ?? (place.folders[name] != nil))
        try place.directory.createFolder(folder, topicID: id.topicID, durable: false)
        let log = try place.directory.openLog(
            folder, configuration: policy.log, recoveryPoint: isKnown ? place.recoveryPoints[name] ?? 0 : 0,
            logStartOffset: isKnown ? place.logStarts[name] ?? 0 : 0, isClean: isKnown && place.isClean, seed: seed,
            now: time)
        self.places.withLock { $0[id] = index }
        self.forget(name, in: index)
        return Partition(
            id: id, topicPartition: name, localID: localID, policy: policy,
            highWatermark: isKnown ? place.highWatermarks[name] ?? 0 : 0, log: log)
    }

    /// Which directory the partition belongs in. A folder of the same name that belonged to a topic deleted while this
    /// broker was down is moved out of the way.
    private func place(
        _ id: TopicIDPartition, _ name: TopicPartition, directoryID: KafkaUUID?, seed: UInt64
    ) throws(LogError) -> Int {
        for (index, place) in self.directories.enumerated() {
            guard let folder = place.folders[name] else { continue }
            if place.topicIDs[name].map({ $0 == id.topicID }) ?? true { return index }
            if self.places.withLock({ $0.keys.contains { $0.partition == id.partition && $0.topicID == id.topicID } }) {
                return index
            }
            guard try place.directory.exists(folder) else { continue }
            var random = SeededRandom(seed: seed)
            try self.setAside(folder, in: index, random: &random)
        }
        if let wanted = directoryID, let index = self.directories.firstIndex(where: { $0.id == wanted }) {
            return index
        }
        let counts = self.places.withLock { places in
            places.values.reduce(into: [Int](repeating: 0, count: self.directories.count)) { $0[$1] += 1 }
        }
        let failed = self.failed.withLock { $0 }
        return counts.indices.filter { !failed.contains($0) }.min { counts[$0] < counts[$1] } ?? 0
    }

    /// Takes a partition's files away: renamed at once, removed after that. Waits for the disk.
    func delete(_ partition: Partition, random: inout some RandomNumberGenerator) throws(LogError) {
        guard let index = self.places.withLock({ $0.removeValue(forKey: partition.id) }) else { return }
        let directory = self.directories[index].directory
        let folder = try partition.rename(
            PartitionFolder(partition.topicPartition), to: .deleted, id: .random(using: &random), in: directory)
        try directory.remove(folder)
    }

    /// What was found at the start in the directory at `index` has been opened, or is not there under its name any more.
    func forget(_ name: TopicPartition, in index: Int) {
        self.untouched.withLock { _ = $0[index].remove(name) }
    }

    /// Writes where every log can be recovered from, how far it is committed, and where it starts: what was found at the
    /// start of logs that were not opened yet.
    ///
    /// When it returns without error, the checkpoints survive a power loss. A directory in which that fails is taken out
    /// of service, and the first such error thrown after the others were written.
    func writeCheckpoints(_ partitions: [Partition]) throws(LogError) {
        let places = self.places.withLock { $0 }
        var points = [[TopicPartition: PartitionCheckpoint]](repeating: [:], count: self.directories.count)
        for partition in partitions {
            guard let index = places[partition.id] else { continue }
            points[index][partition.topicPartition] = partition.checkpoint
        }
        try self.forEachInService { (index, place) throws(LogError) in
            for name in self.untouched.withLock({ $0[index] }) where points[index][name] == nil {
                points[index][name] = PartitionCheckpoint(
                    recoveryPoint: place.recoveryPoints[name] ?? 0, highWatermark: place.highWatermarks[name] ?? 0,
                    logStartOffset: place.logStarts[name] ?? 0)
            }
            try Self.write(points[index], in: place.directory)
        }
    }

    private static func write(
        _ checkpoints: [TopicPartition: PartitionCheckpoint], in directory: LogDirectory
    ) throws(LogError) {
        try directory.write(checkpoints.mapValues(\.recoveryPoint), .recoveryPoint)
        try directory.write(checkpoints.mapValues(\.highWatermark), .highWatermark)
        try directory.write(checkpoints.mapValues(\.logStartOffset).filter { $0.value > 0 }, .logStart)
    }

    /// Closes every log, writes the checkpoints and marks the directories as cleanly shut down.
    ///
    /// When it returns without error, the next start reads no batches, but in directories that are out of service, and in
    /// those with a log that was left by a crash and never opened since: nobody has recovered it. Waits for the disk.
    func close(_ partitions: [Partition], brokerEpoch: BrokerEpoch) throws(LogError) {
        for partition in partitions where !self.isFailed(partition.id) { try partition.close() }
        try self.writeCheckpoints(partitions)
        try self.forEachInService { (index, place) throws(LogError) in
            guard place.isClean || self.untouched.withLock({ $0[index].isEmpty }) else { return }
            try place.directory.write(CleanShutdownMark(brokerEpoch: brokerEpoch))
        }
    }
}

// MARK: - Directories out of service

extension LogStore {
    /// The directory that an open replica is in.
    func directoryID(of id: TopicIDPartition) -> KafkaUUID? {
        self.places.withLock { $0[id] }.map { self.directories[$0].id }
    }

    func isOpen(_ id: TopicIDPartition) -> Bool { self.places.withLock { $0[id] != nil } }

    /// Whether the replica is in a directory that is out of service.
    func isFailed(_ id: TopicIDPartition) -> Bool {
        guard let index = self.places.withLock({ $0[id] }) else { return false }
        return self.isFailed(directory: index)
    }

    /// The directories that are out of service, ascending.
    var failedDirectoryIDs: [KafkaUUID] {
        self.failed.withLock { $0 }.map { self.directories[$0].id }.sorted()
    }

    /// Takes the directory of an open replica out of service.
    func fail(directoryOf id: TopicIDPartition) {
        guard let index = self.places.withLock({ $0[id] }) else { return }
        self.fail(index, nil)
    }

    /// Does `work` in every directory that is in service, and takes those out of it in which it fails.
    ///
    /// - Throws: the first failure, after the other directories were seen to.
    func forEachInService(_ work: (Int, Opened) throws(LogError) -> Void) throws(LogError) {
        var failure: LogError?
        for (index, place) in self.directories.enumerated() where !self.isFailed(directory: index) {
            do throws(LogError) {
                try work(index, place)
            } catch {
                self.fail(index, error)
                failure = failure ?? error
            }
        }
        if let failure { throw failure }
    }

    private func isFailed(directory index: Int) -> Bool { self.failed.withLock { $0.contains(index) } }

    /// Takes the directory at `index` out of service.
    private func fail(_ index: Int, _ error: LogError?) {
        guard self.failed.withLock({ $0.insert(index).inserted }) else { return }
        self.log.error(
            "a log directory is out of service",
            [
                "directory": LogValue(self.directories[index].directory.path),
                "error": LogValue(error?.message ?? "a file of one of its logs"),
            ])
    }
}
