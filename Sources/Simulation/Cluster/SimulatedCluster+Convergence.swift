package import ApusCore
import Broker
import ClusterMetadata

/// Whether the cluster is as it should be, by what its nodes say.
extension SimulatedCluster {
    /// The node that leads the quorum, as it sees it itself; nil where none does, or more than one.
    package var activeController: SimulatedNode? {
        let active = self.nodes.filter { $0.node?.controllerImage != nil }
        return active.count == 1 ? active[0] : nil
    }

    /// Whether a broker serves in its present life and is in the ISR of every partition that it holds.
    package func hasCaughtUp(_ id: NodeID) -> Bool {
        guard !self.node(id).isCrashPlanned, !self.node(id).isRotten, let node = self.node(id).node,
            let controller = self.activeController?.node
        else { return false }
        let epoch = node.brokerEpoch
        for image in [node.metadata.image, controller.metadata.image] {
            guard let broker = image.brokers[id], broker.epoch == epoch, !broker.isFenced else { return false }
            for topic in image.topicIDs.sortedKeys() {
                for partition in image.topic(named: topic)?.partitions ?? []
                where partition.replicas.contains(id) && !partition.isr.contains(id) {
                    return false
                }
            }
        }
        return true
    }

    /// Whether all nodes that run have agreed on everything: one controller, every broker serves the newest metadata, and
    /// every partition has a leader and all its living replicas in the ISR.
    package var hasConverged: Bool {
        guard let controller = self.activeController?.node else { return false }
        let image = controller.metadata.image
        let living = Set(self.nodes.filter(\.isRunning).map(\.id))
        for node in self.nodes where node.isRunning {
            guard let running = node.node, running.metadata.image.lastOffset == image.lastOffset else { return false }
            guard node.shape.isBroker else { continue }
            guard let broker = image.brokers[node.id], !broker.isFenced, broker.epoch == running.brokerEpoch else {
                return false
            }
        }
        for topic in image.topicIDs.sortedKeys() {
            for partition in image.topic(named: topic)?.partitions ?? [] {
                guard partition.hasLeader, living.contains(partition.leader) else { return false }
                for replica in partition.replicas where living.contains(replica) {
                    guard partition.isr.contains(replica) else { return false }
                }
            }
        }
        return true
    }
}
