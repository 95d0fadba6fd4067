import ApusCore
import Broker
import ClusterMetadata

/// Whether a cluster without faults has come to rest.
struct Convergence {
    private let cluster: SimulatedCluster
    private let watch: ClusterWatch

    init(_ cluster: SimulatedCluster, watch: ClusterWatch) {
        self.cluster = cluster
        self.watch = watch
    }

    /// What is not as it should be; nil where all is well.
    func complaint() -> String? {
        let running = self.cluster.running
        let controllers = running.filter { $0.node?.controllerImage != nil }
        guard controllers.count == 1 else { return "\(controllers.count) nodes are the active controller" }
        let metadata = self.watch.memory.metadata
        let zones = LeadingZones(
            of: Dictionary(uniqueKeysWithValues: self.cluster.nodes.map { ($0.id, $0.shape.zone) }),
            drained: MetadataImage.zoneList(metadata.configurations[.defaultBroker]?[ZoneConfigKey.drained]))
        let brokers = Set(running.filter(\.shape.isBroker).map(\.id))
        for node in running {
            guard node.node?.health.isServing == true else { return "node \(node.id) does not serve" }
            guard node.node?.metadata.endOffset == controllers[0].node?.metadata.endOffset else {
                return "node \(node.id) is behind with metadata"
            }
        }
        for id in metadata.topics.sortedKeys() {
            guard let topic = metadata.topics[id] else { continue }
            let wanted = MetadataImage.zoneList(metadata.configurations[.topic(topic.name)]?[ZoneConfigKey.leaders])
            for index in topic.partitionIndexes {
                guard let state = topic[index] else { continue }
                let name = "\(topic.name)-\(index)"
                if let complaint = self.complaint(name, state, brokers) { return complaint }
                if let better = zones.better(state, wanted: wanted, among: brokers) {
                    return "\(name) is led by \(state.leader) and not by \(better), by the zones that they are in"
                }
            }
        }
        return nil
    }

    /// Whether too few of those who hold what is committed run: nobody leads, or the leader cannot know how much is
    /// committed, for a high watermark stands still below `min.insync.replicas`.
    func isShort(_ key: TopicPartition) -> Bool {
        guard let state = self.watch.memory.metadata.partition(key) else { return true }
        let brokers = Set(self.cluster.running.map(\.id))
        let needed = min(self.cluster.shape.minInsyncReplicas, state.replicas.count)
        return state.isr.filter { brokers.contains($0) }.count < needed
    }

    private func complaint(_ name: String, _ state: PartitionState, _ brokers: Set<NodeID>) -> String? {
        let alive = state.replicas.filter { brokers.contains($0) }
        let mayLead = (state.isr + state.eligibleLeaders).filter { brokers.contains($0) }
        // Whoever holds what is committed is not here: nobody may lead.
        if mayLead.isEmpty { return nil }
        guard state.hasLeader else { return "\(name) has no leader" }
        let isr = state.isr.filter { brokers.contains($0) }
        guard isr.sorted() == alive.sorted() else {
            return "\(name) has ISR \(state.isr) of replicas \(state.replicas)"
        }
        return nil
    }
}
