import ApusCore
import ClusterMetadata

/// The configuration keys that decide about elections, read from an image with the node's own values below.
struct PartitionPolicy: Sendable {
    /// The node whose dynamic configuration counts: the controller itself.
    let nodeID: NodeID
    let minInsyncReplicas: Int
    let isUncleanLeaderElectionEnabled: Bool

    static let minInsyncReplicasKey = "min.insync.replicas"
    static let uncleanLeaderElectionKey = "unclean.leader.election.enable"

    /// The topic's `min.insync.replicas`, at most its replication factor.
    func minInsyncReplicas(of topic: TopicImage, in image: MetadataImage) -> Int {
        let configured = image.dynamicValue(topic: topic.name, key: Self.minInsyncReplicasKey).flatMap { Int($0) }
        return min(configured ?? self.minInsyncReplicas, topic.partitions.first?.replicas.count ?? .max)
    }

    /// True where a replica outside the ISR may be elected when nothing better is left.
    func allowsUncleanElection(of topic: String, in image: MetadataImage) -> Bool {
        let key = Self.uncleanLeaderElectionKey
        let configured =
            image.configurations[.topic(topic)]?[key] ?? image.configurations[.broker(self.nodeID)]?[key]
            ?? image.configurations[.defaultBroker]?[key]
        guard let configured else { return self.isUncleanLeaderElectionEnabled }
        return configured.lowercased() == "true"
    }
}
