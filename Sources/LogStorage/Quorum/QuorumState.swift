package import ApusCore
import FileSystem
import FoundationEssentials
import KafkaPrimitives

/// What a replica of the metadata log must not forget: its epoch, the leader it saw and the vote it gave.
///
/// Shape of the file `quorum-state`: JSON of QuorumStateData; version 0 for a static voter set (KIP-595), version 1 where
/// voters have directories (KIP-853).
package struct QuorumState: Hashable, Sendable {
    package var leaderID: NodeID
    package var leaderEpoch: LeaderEpoch
    package var votedID: NodeID
    /// The directory voted for; nil in version 0, which does not know it.
    package var votedDirectoryID: KafkaUUID?
    /// The voters of version 0; nil in version 1, where they are in the log.
    package var voters: [NodeID]?

    package static let fileName = "quorum-state"
    private static let bytesMax = 1024 * 1024

    package init(
        leaderID: NodeID, leaderEpoch: LeaderEpoch, votedID: NodeID, votedDirectoryID: KafkaUUID? = nil,
        voters: [NodeID]?
    ) {
        precondition((voters == nil) == (votedDirectoryID != nil), "one of the two tells the version")
        self.leaderID = leaderID
        self.leaderEpoch = leaderEpoch
        self.votedID = votedID
        self.votedDirectoryID = votedDirectoryID
        self.voters = voters
    }

    private struct Content: Codable {
        struct Voter: Codable {
            var voterId: Int32
        }

        var leaderId: Int32
        var leaderEpoch: Int32
        var votedId: Int32
        var votedDirectoryId: String?
        var currentVoters: [Voter]?
        var version: Int16

        enum CodingKeys: String, CodingKey {
            case leaderId, leaderEpoch, votedId, votedDirectoryId, currentVoters
            case version = "data_version"
        }
    }

    func encode() -> [UInt8] {
        let front = "\"leaderId\":\(self.leaderID),\"leaderEpoch\":\(self.leaderEpoch),\"votedId\":\(self.votedID)"
        if let voters = self.voters {
            let list = voters.map { "{\"voterId\":\($0)}" }.joined(separator: ",")
            return Array(
                "{\"clusterId\":\"\",\(front),\"appliedOffset\":0,\"currentVoters\":[\(list)],\"data_version\":0}".utf8)
        }
        let directory = self.votedDirectoryID ?? .zero
        return Array("{\(front),\"votedDirectoryId\":\"\(directory)\",\"data_version\":1}".utf8)
    }

    init?(_ bytes: ByteSlice) {
        let content: Content
        do {
            content = try JSONDecoder().decode(Content.self, from: Data(bytes.array))
        } catch {
            // The caller says that the file is damaged.
            return nil
        }
        guard content.version == 0 || content.version == 1, content.leaderEpoch >= 0 else { return nil }
        self.leaderID = NodeID(content.leaderId)
        self.leaderEpoch = LeaderEpoch(content.leaderEpoch)
        self.votedID = NodeID(content.votedId)
        self.voters = content.version == 0 ? (content.currentVoters ?? []).map { NodeID($0.voterId) } : nil
        guard content.version == 1 else { return }
        guard let directory = content.votedDirectoryId.flatMap({ KafkaUUID($0) }) else { return nil }
        self.votedDirectoryID = directory
    }

    /// The state in a folder; nil where there is none. Throws `corruptFile` where it cannot be read: then nobody knows
    /// whether this replica has voted, and it must not take part.
    package static func read(folder: String, _ directory: LogDirectory) throws(LogError) -> QuorumState? {
        let path = "\(folder)/\(Self.fileName)"
        let bytes = try LogError.storage { () throws(FileSystemError) in
            try directory.fileSystem.contents(of: path, maxBytes: Self.bytesMax)
        }
        guard let bytes else { return nil }
        guard let state = QuorumState(bytes) else { throw LogError(.corruptFile, "\(path) is no quorum state") }
        return state
    }

    /// Replaces the state in a folder in one step; survives a power loss when it returns. When it throws, the old state or
    /// the new is there, and no vote may be given.
    package func write(folder: String, _ directory: LogDirectory) throws(LogError) {
        try LogError.storage { () throws(FileSystemError) in
            try directory.fileSystem.replaceContents(of: "\(folder)/\(Self.fileName)", with: self.encode())
        }
    }
}
