import ApusCore
import ClusterMetadata

/// A metadata image as the clients of one listener see it: which brokers they can reach there, and how.
struct ListenerView {
    let image: MetadataImage
    let listener: String
    /// Brokers that are not told as leaders although the image has them alive.
    var suspected: Set<NodeID> = []

    /// The brokers that are unfenced and have this listener, ascending by id.
    var reachableBrokers: [(broker: BrokerRegistration, endpoint: Endpoint)] {
        self.image.brokerIDs.compactMap { id in
            guard let broker = self.image.brokers[id], !broker.isFenced,
                let endpoint = broker.endpoint(listener: self.listener)
            else { return nil }
            return (broker, endpoint)
        }
    }

    /// The reachable brokers and those of `fenced` that have this listener, ascending by id.
    func listedBrokers(with fenced: Set<NodeID>) -> [(broker: BrokerRegistration, endpoint: Endpoint)] {
        self.image.brokerIDs.compactMap { id in
            guard let broker = self.image.brokers[id], !broker.isFenced || fenced.contains(id),
                let endpoint = broker.endpoint(listener: self.listener)
            else { return nil }
            return (broker, endpoint)
        }
    }

    func endpoint(of broker: NodeID) -> Endpoint? {
        guard let registration = self.image.brokers[broker], !registration.isFenced else { return nil }
        return registration.endpoint(listener: self.listener)
    }

    func isAlive(_ broker: NodeID) -> Bool {
        self.image.brokers[broker].map { !$0.isFenced } ?? false
    }

    /// The replicas of a partition that a client cannot count on.
    func offlineReplicas(of partition: PartitionState) -> [NodeID] {
        partition.replicas.filter { self.endpoint(of: $0) == nil }
    }

    /// The state that clients are told a partition's leader is in.
    ///
    /// - Parameter missingListener: the code for a leader that lives but lacks this listener; it grew with versions.
    func leaderError(of partition: PartitionState, missingListener: ErrorCode) -> ErrorCode {
        guard partition.hasLeader, self.isAlive(partition.leader),
            !self.suspected.contains(partition.leader)
        else { return .leaderNotAvailable }
        return self.endpoint(of: partition.leader) == nil ? missingListener : .noError
    }

    /// A broker that takes requests for the controller, which clients cannot reach themselves: one of the reachable
    /// ones, so that the load spreads. None where there is none.
    func brokerForController(random: inout some RandomNumberGenerator) -> NodeID {
        self.reachableBrokers.randomElement(using: &random)?.broker.id ?? .none
    }
}

/// The topics that hold Kafka's own state.
enum InternalTopic {
    static let names: Set<String> = ["__consumer_offsets", "__transaction_state", "__share_group_state"]

    static func isInternal(_ name: String) -> Bool { self.names.contains(name) }
}
