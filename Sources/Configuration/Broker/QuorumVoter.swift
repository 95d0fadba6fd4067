package import ApusCore

/// One entry of `controller.quorum.voters`: `id@host:port`.
package struct QuorumVoter: Hashable, Sendable, CustomStringConvertible {
    package var id: NodeID
    package var endpoint: HostPort

    package init(id: NodeID, endpoint: HostPort) {
        self.id = id
        self.endpoint = endpoint
    }

    /// Reads `id@host:port`; nil for anything else.
    package init?(_ text: String) {
        let parts = text.split(separator: "@", maxSplits: 1, omittingEmptySubsequences: false)
        guard parts.count == 2, let id = Int32(parts[0]), id >= 0, let endpoint = HostPort(String(parts[1])) else {
            return nil
        }
        self.init(id: NodeID(id), endpoint: endpoint)
    }

    package var description: String { "\(self.id)@\(self.endpoint)" }
}
