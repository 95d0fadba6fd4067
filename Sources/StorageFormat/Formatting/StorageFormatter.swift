package import ApusCore
package import Configuration
package import FileSystem
import KafkaPrimitives
import KafkaStoredMessages
import LogStorage

/// Prepares the log directories of a node for a cluster, as `kafka-storage format` does.
package struct StorageFormatter {
    package var configuration: BrokerConfiguration
    /// Any text; usually a random UUID.
    package var clusterID: String
    package var features: FeatureChoice
    package var quorum: QuorumChoice
    /// Leave directories alone that are formatted for this cluster and node.
    package var ignoresFormatted: Bool
    package var fileSystem: FileSystemPort

    package init(
        configuration: BrokerConfiguration, clusterID: String, features: FeatureChoice = FeatureChoice(),
        quorum: QuorumChoice = .fixed, ignoresFormatted: Bool = false, fileSystem: FileSystemPort
    ) {
        self.configuration = configuration
        self.clusterID = clusterID
        self.features = features
        self.quorum = quorum
        self.ignoresFormatted = ignoresFormatted
        self.fileSystem = fileSystem
    }

    /// What was done to one directory.
    package struct Formatted: Hashable, Sendable {
        package enum Kind: String, Hashable, Sendable {
            case data = "data directory"
            case metadata = "metadata directory"
            case dynamicMetadata = "dynamic metadata directory"
            case dynamicVoter = "dynamic metadata voter directory"
        }

        package var kind: Kind
        package var path: String

        package init(kind: Kind, path: String) {
            self.kind = kind
            self.path = path
        }
    }

    /// Formats the directories that are not formatted yet, and tells which; each is durable when this returns.
    ///
    /// A directory whose formatting was interrupted has no `meta.properties`, and is formatted anew by the next call.
    ///
    /// - Throws: `StorageFormatError`; directories before the one that failed are formatted.
    package func format(
        now: Timestamp, using random: inout some RandomNumberGenerator
    ) throws(StorageFormatError) -> [Formatted] {
        try self.quorum.check(self.configuration, kraftLevel: self.features.levels[.kraft])
        let present = try FormattedDirectories.read(self.configuration.allDirectories, fileSystem: self.fileSystem)
        try self.check(present)
        var formatted: [Formatted] = []
        for path in self.configuration.allDirectories where present.properties[path] == nil {
            formatted.append(try self.format(path, now: now, using: &random))
        }
        return formatted
    }

    private func check(_ present: FormattedDirectories) throws(StorageFormatError) {
        for path in self.configuration.allDirectories {
            guard let properties = present.properties[path] else { continue }
            guard self.ignoresFormatted else {
                throw StorageFormatError(
                    .alreadyFormatted,
                    "Log directory \(path) is already formatted. Use --ignore-formatted to ignore this directory and "
                        + "format the others.")
            }
            let expected = [
                ("cluster.id", self.clusterID), ("node.id", "\(self.configuration.nodeID)"),
            ]
            for (key, value) in expected where properties[key] != value {
                throw StorageFormatError(
                    .foreignDirectory,
                    "Invalid \(key) in: \(path)/\(FormattedDirectories.fileName). Expected \(value), but read "
                        + "\(properties[key] ?? "nothing")")
            }
        }
    }

    private func format(
        _ path: String, now: Timestamp, using random: inout some RandomNumberGenerator
    ) throws(StorageFormatError) -> Formatted {
        let isMetadata = path == self.configuration.metadataLog.directory
        var directoryID = KafkaUUID.random(using: &random)
        var kind = isMetadata ? Formatted.Kind.metadata : .data
        var voters: [InitialVoter] = []
        if isMetadata {
            switch self.quorum {
            case .fixed, .none: break
            case .standalone:
                voters = [try self.ownVoter(directoryID)]
                kind = .dynamicVoter
            case .voters(let given):
                voters = given
                kind = .dynamicMetadata
                if let own = given.first(where: { $0.id == self.configuration.nodeID }) {
                    directoryID = own.directoryID
                    kind = .dynamicVoter
                }
            }
        }
        do {
            let directory = try LogDirectory(
                path: path, cache: OpenFileCache(fileSystem: self.fileSystem, capacity: 1))
            let bootstrap = BootstrapCheckpoint(self.features).encode(now: now)
            try self.fileSystem.replaceContents(of: "\(path)/\(BootstrapCheckpoint.fileName)", with: bootstrap)
            if !voters.isEmpty { try self.write(voters, path: path, now: now) }
            try directory.write(
                MetaProperties(
                    clusterID: self.clusterID, nodeID: self.configuration.nodeID, directoryID: directoryID))
        } catch {
            throw StorageFormatError(.storage, "\(path) cannot be formatted: \(error)")
        }
        return Formatted(kind: kind, path: path)
    }

    /// Writes the snapshot that a dynamic quorum begins with: the voters, and nothing else.
    private func write(_ voters: [InitialVoter], path: String, now: Timestamp) throws {
        var record = VotersRecord()
        let listener = self.configuration.listeners.controllerNames[0]
        record.voters = voters.sorted { $0.id < $1.id }.map { voter in
            var endpoint = VotersRecord.Endpoint()
            endpoint.name = listener
            endpoint.host = voter.endpoint.host
            endpoint.port = voter.endpoint.port
            var entry = VotersRecord.Voter()
            entry.voterId = voter.id
            entry.voterDirectoryId = voter.directoryID
            entry.endpoints = [endpoint]
            entry.kRaftVersionFeature.minSupportedVersion = 0
            entry.kRaftVersionFeature.maxSupportedVersion = 1
            return entry
        }
        var snapshot = SnapshotBytes(now: now)
        snapshot.appendHeader(lastContained: now, voters: record)
        snapshot.appendFooter()
        let folder = "\(path)/\(MetadataLog.folderName)"
        if try self.fileSystem.attributes(folder) == nil {
            try self.fileSystem.createDirectory(folder)
            try self.fileSystem.synchronizeDirectory(path)
        }
        let name = SnapshotID(offset: 0, epoch: 0).fileName
        try self.fileSystem.replaceContents(of: "\(folder)/\(name)", with: snapshot.bytes)
    }

    /// This node as the only voter, under the first address that it advertises for its controller.
    private func ownVoter(_ directoryID: KafkaUUID) throws(StorageFormatError) -> InitialVoter {
        guard let listener = self.configuration.listeners.advertisedController.first else {
            throw StorageFormatError(.quorumConflict, "You can only use --standalone on a controller.")
        }
        guard !listener.host.isEmpty else {
            throw StorageFormatError(
                .quorumConflict,
                "\(listener) has no host that other nodes could connect to; give one in listeners or "
                    + "advertised.listeners")
        }
        return InitialVoter(
            id: self.configuration.nodeID, endpoint: HostPort(host: listener.host, port: listener.port),
            directoryID: directoryID)
    }
}
