package import ApusCore
package import ClusterMetadata

/// The partitions led by one broker that would fall below `min.insync.replicas` with the loss of one zone.
package struct ZoneRiskCensus: Equatable, Sendable {
    package var partitionCount = 0
    /// The zones whose loss would do that to any of them, ascending; brokers without a rack are the empty name.
    package var zones: [String] = []
    /// One of the partitions, for a person to begin with: the first by topic and index.
    package var example: TopicPartition?

    package init() {}

    /// - Parameters:
    ///   - leader: whose partitions are looked at.
    ///   - defaultMinInsyncReplicas: `min.insync.replicas` where the metadata says nothing.
    package init(_ image: MetadataImage, leader: NodeID, defaultMinInsyncReplicas: Int) {
        guard ZoneRisk.isMeaningful(image.brokers.values.lazy.map(\.rack)) else { return }
        let zone = { (broker: NodeID) in image.brokers[broker]?.rack }
        var zones: Set<String> = []
        image.topics.forEach { _, topic in
            var minimum: Int?
            for (index, state) in zip(topic.partitionIndexes, topic.partitions) where state.leader == leader {
                let configured =
                    minimum ?? image.minInsyncReplicas(ofTopic: topic.name, node: leader) ?? defaultMinInsyncReplicas
                minimum = configured
                let needed = min(configured, state.replicas.count)
                guard ZoneRisk.isAtRisk(isr: state.isr, minInsyncReplicas: needed, zone: zone) else { continue }
                self.partitionCount += 1
                let lost = ZoneRisk.zones(isr: state.isr, minInsyncReplicas: needed, zone: zone)
                zones.formUnion(lost.map { $0 ?? "" })
                let partition = TopicPartition(topic: topic.name, partition: index)
                self.example = self.example.map { min($0, partition) } ?? partition
            }
        }
        self.zones = zones.sorted()
    }
}

extension MetadataImage {
    /// `min.insync.replicas` of a topic as the metadata has it for a node; nil where it says nothing that can be used.
    package func minInsyncReplicas(ofTopic topic: String, node: NodeID) -> Int? {
        let key = "min.insync.replicas"
        let text =
            self.configurations[.topic(topic)]?[key] ?? self.configurations[.broker(node)]?[key]
            ?? self.configurations[.defaultBroker]?[key]
        return text.flatMap { Int($0) }.map { max(1, $0) }
    }
}
