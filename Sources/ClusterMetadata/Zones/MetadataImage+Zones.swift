package import ApusCore

/// The configuration keys that decide which zones lead.
package enum ZoneConfigKey {
    /// Of all brokers: the zones that lead nothing, separated by commas.
    package static let drained = "apus.zones.drained"
    /// Of a topic: the zones that should lead, the best first, separated by commas.
    package static let leaders = "apus.leader.zones"
}

extension MetadataImage {
    /// The zones of registered brokers, ascending.
    package var zones: [String] {
        Set(self.brokers.values.compactMap(\.rack)).sorted()
    }

    /// The zones that lead nothing, in the order in which they are configured.
    package var drainedZones: [String] {
        Self.zoneList(self.configurations[.defaultBroker]?[ZoneConfigKey.drained])
    }

    /// Which replicas of a topic should lead before others.
    package func leaderPreference(ofTopic name: String) -> LeaderPreference {
        LeaderPreference(
            zones: Self.zoneList(self.configurations[.topic(name)]?[ZoneConfigKey.leaders]),
            drainedZones: self.drainedZones)
    }

    /// The replica of a topic's partition that leads unless something is wrong, or -1 where there are no replicas.
    package func preferredLeader(of partition: PartitionState, topic name: String) -> NodeID {
        self.leaderPreference(ofTopic: name).preferredLeader(of: partition.replicas, brokers: self.brokers)
    }

    /// What a list of zones means: names between commas, without the space around them.
    package static func zoneList(_ text: String?) -> [String] {
        guard let text, !text.isEmpty else { return [] }
        return text.split(separator: ",").compactMap { part in
            let visible = part.drop { $0 == " " }
            let end = visible.lastIndex { $0 != " " }
            return end.map { String(visible[...$0]) }
        }
    }
}
