import ApusCore
package import ClusterMetadata

/// What the metadata holds, counted.
package struct MetadataCensus: Equatable, Sendable {
    package var topics = 0
    package var partitions = 0
    package var offlinePartitions = 0
    /// Partitions with a leader that is not the replica that should lead: their first, unless zones say otherwise.
    package var partitionsOffPreferredLeader = 0
    package var fencedBrokers = 0
    package var activeBrokers = 0

    package init() {}

    package init(_ image: MetadataImage) {
        for broker in image.brokers.values {
            if broker.isFenced { self.fencedBrokers += 1 } else { self.activeBrokers += 1 }
        }
        for id in image.topics.sortedKeys() {
            guard let topic = image.topics[id] else { continue }
            self.topics += 1
            self.partitions += topic.partitions.count
            let preference = image.leaderPreference(ofTopic: topic.name)
            for partition in topic.partitions {
                if !partition.hasLeader {
                    self.offlinePartitions += 1
                } else if partition.leader
                    != preference.preferredLeader(of: partition.replicas, brokers: image.brokers)
                {
                    self.partitionsOffPreferredLeader += 1
                }
            }
        }
    }
}
