package import ApusCore
import ClusterMetadata
package import KafkaClient

/// The zones of a cluster, worked out from what its brokers tell.
package struct ZoneSurvey: Equatable, Sendable {
    /// One zone.
    package struct Zone: Equatable, Sendable {
        /// The `broker.rack` of its brokers; nil for brokers that have none.
        package var name: String?
        package var brokers: [NodeID] = []
        /// Those of `brokers` that are registered and serve nothing.
        package var fenced: [NodeID] = []
        package var isDrained = false
        package var leaders = 0
        package var replicas = 0
        /// Partitions that the loss of this zone would take below `min.insync.replicas`.
        package var endangered = 0
        /// Of a drained zone, by topic and index: the partitions that it still leads, and those of them that no replica in
        /// sync outside of drained zones could take over.
        package var misled: [TopicPartition] = []
        package var stuck: [TopicPartition] = []
    }

    /// By name, brokers without a zone last.
    package private(set) var zones: [Zone] = []

    /// - Parameters:
    ///   - drained: the zones that should lead nothing.
    ///   - minInsyncReplicas: by topic; 1 where it is not known.
    package init(
        _ cluster: DescribedCluster, topics: [TopicMetadata], drained: [String], minInsyncReplicas: [String: Int] = [:]
    ) {
        var racks: [NodeID: String] = [:]
        for broker in cluster.brokers { racks[broker.node] = broker.rack }
        let names: [String?] =
            Set(racks.values).union(drained).sorted() + (cluster.brokers.allSatisfy { $0.rack != nil } ? [] : [nil])
        var places: [String?: Int] = [:]
        for (place, name) in names.enumerated() {
            places[name] = place
            self.zones.append(Zone(name: name, isDrained: name.map { drained.contains($0) } ?? false))
        }
        for broker in cluster.brokers {
            guard let place = places[broker.rack] else { continue }
            self.zones[place].brokers.append(broker.node)
            if cluster.fenced.contains(broker.node) { self.zones[place].fenced.append(broker.node) }
        }
        let isMeaningful = ZoneRisk.isMeaningful(cluster.brokers.map(\.rack))
        for topic in topics.sorted(by: { $0.name < $1.name }) {
            for (index, partition) in topic.partitions.enumerated() {
                for replica in partition.replicas {
                    if let place = places[racks[replica]] { self.zones[place].replicas += 1 }
                }
                if partition.leader >= 0, let place = places[racks[partition.leader]] {
                    self.zones[place].leaders += 1
                    if self.zones[place].isDrained {
                        let name = TopicPartition(topic: topic.name, partition: PartitionIndex(Int32(index)))
                        let isStuck = partition.isr.allSatisfy { racks[$0].map { drained.contains($0) } ?? false }
                        self.zones[place].misled.append(name)
                        if isStuck { self.zones[place].stuck.append(name) }
                    }
                }
                guard isMeaningful else { continue }
                let minimum = min(minInsyncReplicas[topic.name] ?? 1, partition.replicas.count)
                let lost = ZoneRisk.zones(isr: partition.isr, minInsyncReplicas: minimum) { racks[$0] }
                for zone in lost {
                    if let place = places[zone] { self.zones[place].endangered += 1 }
                }
            }
        }
    }

    package func zone(_ name: String) -> Zone? { self.zones.first { $0.name == name } }
}
