package import ApusCore

/// The replicas whose votes and fetches count, in ascending order of node id.
package struct VoterSet: Hashable, Sendable {
    package let voters: [ReplicaKey]

    /// At least one voter; each node must appear once.
    package init(_ voters: [ReplicaKey]) {
        precondition(!voters.isEmpty, "somebody has to vote")
        self.voters = voters.sorted()
        for (voter, next) in zip(self.voters, self.voters.dropFirst()) {
            precondition(voter.id != next.id, "a node is a voter once")
        }
    }

    /// A static voter set: nodes whose directories are not known.
    package init(staticVoters ids: [NodeID]) {
        self.init(ids.map { ReplicaKey(id: $0) })
    }

    /// How many voters decide: more than half.
    package var majority: Int { self.voters.count / 2 + 1 }

    package func contains(_ id: NodeID) -> Bool {
        self.voters.contains { $0.id == id }
    }

    /// Whether `replica` is a voter, in the directory the set names where it names one.
    package func contains(_ replica: ReplicaKey) -> Bool {
        self.voters.contains { $0.matches(replica) }
    }

    /// The voters but `id`, in ascending order.
    package func others(than id: NodeID) -> [ReplicaKey] {
        self.voters.filter { $0.id != id }
    }
}
