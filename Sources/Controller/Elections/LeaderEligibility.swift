import ApusCore
import ClusterMetadata

/// Which brokers may lead, while a change of their own is only being written.
struct LeaderEligibility {
    let brokers: [NodeID: BrokerRegistration]
    /// Brokers that may not, whatever their registration says: those being fenced.
    var excluded: [NodeID] = []
    /// A broker that may although it is still fenced: the one being unfenced.
    var included: NodeID?

    /// True where `broker` may lead `partition`: it is active and its replica is in a directory that is online.
    func accepts(_ broker: NodeID, in partition: PartitionState) -> Bool {
        guard !self.excluded.contains(broker), let registration = self.brokers[broker] else { return false }
        guard registration.isActive || broker == self.included else { return false }
        guard let directory = partition.directory(of: broker) else { return false }
        return registration.hasOnlineDirectory(directory)
    }
}
