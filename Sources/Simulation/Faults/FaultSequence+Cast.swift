import ApusCore
import Broker
import ClusterMetadata

extension FaultSequence.Cast {
    /// Who plays in a sequence now: a partition's leader, which is not the active controller, and one of its followers that
    /// is neither.
    static func choose(in cluster: SimulatedCluster, _ random: inout SeededRandom) -> FaultSequence.Cast? {
        guard let controller = cluster.activeController, let image = controller.node?.controllerImage else {
            return nil
        }
        var casts: [FaultSequence.Cast] = []
        for topic in image.topicIDs.sortedKeys() {
            for partition in image.topic(named: topic)?.partitions ?? []
            where partition.hasLeader && partition.leader != controller.id {
                for follower in partition.replicas where follower != controller.id && follower != partition.leader {
                    casts.append(
                        FaultSequence.Cast(leader: partition.leader, follower: follower, controller: controller.id))
                }
            }
        }
        return casts.randomElement(using: &random)
    }
}
