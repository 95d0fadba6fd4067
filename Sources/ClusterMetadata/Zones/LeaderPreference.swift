package import ApusCore

/// Which replicas of a topic should lead before others, because of the zones they are in.
///
/// A zone is the `broker.rack` of its brokers. Replicas in drained zones come last; among the others those in the
/// topic's `apus.leader.zones` come first, in the order of that list; replicas of one rank keep the order of the
/// assignment. Where nothing is drained and the topic names no zone, every replica has the same rank.
package struct LeaderPreference: Hashable, Sendable {
    /// The zones that should lead, the best first.
    package var zones: [String]
    /// The zones that should lead nothing.
    package var drainedZones: [String]

    package init(zones: [String] = [], drainedZones: [String] = []) {
        self.zones = zones
        self.drainedZones = drainedZones
    }

    /// True where every replica has the same rank.
    package var isNeutral: Bool { self.zones.isEmpty && self.drainedZones.isEmpty }

    /// The rank of a broker in this zone, the lower the better; nil is no zone.
    package func rank(ofZone zone: String?) -> Int {
        guard let zone else { return self.zones.count }
        let rank = self.zones.firstIndex(of: zone) ?? self.zones.count
        return self.drainedZones.contains(zone) ? rank + self.zones.count + 1 : rank
    }

    package func rank(of broker: NodeID, in brokers: [NodeID: BrokerRegistration]) -> Int {
        self.isNeutral ? 0 : self.rank(ofZone: brokers[broker]?.rack)
    }

    /// `replicas` in the order in which they should lead.
    package func ordered(_ replicas: [NodeID], brokers: [NodeID: BrokerRegistration]) -> [NodeID] {
        guard !self.isNeutral else { return replicas }
        return replicas.enumerated()
            .map { (rank: self.rank(of: $0.element, in: brokers), position: $0.offset, id: $0.element) }
            .sorted { ($0.rank, $0.position) < ($1.rank, $1.position) }
            .map(\.id)
    }

    /// The replica that leads unless something is wrong, or -1 where there are no replicas.
    package func preferredLeader(of replicas: [NodeID], brokers: [NodeID: BrokerRegistration]) -> NodeID {
        guard !self.isNeutral else { return replicas.first ?? .none }
        return self.ordered(replicas, brokers: brokers).first ?? .none
    }
}
