package import ApusCore
package import ClusterMetadata

/// Which zones should lead what, by what is configured: the judge's own reading of it.
package struct LeadingZones {
    /// The zone of each node.
    private let zones: [NodeID: String]
    private let drained: Set<String>

    package init(of zones: [NodeID: String], drained: [String]) {
        self.zones = zones
        self.drained = Set(drained)
    }

    /// A replica in sync, among those that run, that should lead instead of the one that does; nil where none should.
    /// Of zones that are drained nothing is expected but that others lead.
    ///
    /// - Parameter wanted: the zones that should lead the topic, the best first.
    package func better(_ state: PartitionState, wanted: [String], among brokers: Set<NodeID>) -> NodeID? {
        guard state.hasLeader else { return nil }
        func place(_ node: NodeID) -> Int { wanted.firstIndex { $0 == self.zones[node] } ?? wanted.count }
        func isDrained(_ node: NodeID) -> Bool { self.zones[node].map { self.drained.contains($0) } ?? false }
        return state.isr.first {
            brokers.contains($0) && !isDrained($0) && (isDrained(state.leader) || place($0) < place(state.leader))
        }
    }
}
