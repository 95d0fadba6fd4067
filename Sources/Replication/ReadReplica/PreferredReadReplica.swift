package import ApusCore

/// The rack of one replica's broker.
package struct ReplicaRack: Equatable, Sendable {
    package var id: NodeID
    /// `broker.rack`, or `nil`.
    package var rack: String?

    package init(id: NodeID, rack: String?) {
        self.id = id
        self.rack = rack
    }
}

extension PartitionReplica {
    /// The replica in the consumer's rack that it should fetch from instead of this leader, or `nil`.
    ///
    /// Only in-sync followers that hold `fetchOffset` are candidates. The leader is best if it is in the rack; then the
    /// follower with the longest log, then the one most recently caught up, then the highest id.
    ///
    /// - Parameters:
    ///   - clientRack: `client.rack` of the request; empty where it has none.
    ///   - racks: the racks of all replicas, this one included.
    ///
    /// Source: `RackAwareReplicaSelector`, KIP-392.
    package func preferredReadReplica(
        clientRack: String, fetchOffset: Offset, racks: [ReplicaRack]
    ) -> NodeID? {
        guard !clientRack.isEmpty, let leader = self.leaderRole else { return nil }
        var best: RemoteReplica?
        for replica in racks where replica.rack == clientRack {
            if replica.id == self.localID { return nil }
            guard let index = leader.index(of: replica.id) else { continue }
            let candidate = leader.replicas[index]
            guard candidate.isInSync, candidate.logEndOffset >= fetchOffset, candidate.logStartOffset <= fetchOffset
            else { continue }
            if let current = best, !PartitionReplica.isPreferred(candidate, to: current) { continue }
            best = candidate
        }
        return best?.id
    }

    private static func isPreferred(_ lhs: RemoteReplica, to rhs: RemoteReplica) -> Bool {
        (lhs.logEndOffset, lhs.lastCaughtUp, lhs.id) > (rhs.logEndOffset, rhs.lastCaughtUp, rhs.id)
    }
}
