package import ApusCore
package import Configuration

/// A controller that a dynamic quorum begins with: `id@host:port:directory` (KIP-853).
package struct InitialVoter: Hashable, Sendable {
    package var id: NodeID
    package var endpoint: HostPort
    package var directoryID: KafkaUUID

    package init(id: NodeID, endpoint: HostPort, directoryID: KafkaUUID) {
        self.id = id
        self.endpoint = endpoint
        self.directoryID = directoryID
    }

    /// Reads entries that are separated by commas.
    ///
    /// - Throws: `malformedVoters` where an entry is not of the form or an id is there twice.
    package static func list(_ text: String) throws(StorageFormatError) -> [InitialVoter] {
        var voters: [InitialVoter] = []
        for entry in text.split(separator: ",") {
            let trimmed = String(entry.filter { $0 != " " })
            guard let colon = trimmed.lastIndex(of: ":"), let voter = QuorumVoter(String(trimmed[..<colon])),
                let directoryID = KafkaUUID(String(trimmed[trimmed.index(after: colon)...]))
            else {
                throw StorageFormatError(
                    .malformedVoters, "'\(trimmed)' is not of the form id@host:port:directory")
            }
            guard !voters.contains(where: { $0.id == voter.id }) else {
                throw StorageFormatError(.malformedVoters, "voter \(voter.id) is there twice")
            }
            voters.append(InitialVoter(id: voter.id, endpoint: voter.endpoint, directoryID: directoryID))
        }
        guard !voters.isEmpty else { throw StorageFormatError(.malformedVoters, "no voters were given") }
        return voters
    }
}
