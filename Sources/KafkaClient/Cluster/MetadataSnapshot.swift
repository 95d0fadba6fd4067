package import ApusCore
package import KafkaProtocol

/// A broker as clients reach it.
package struct BrokerEndpoint: Hashable, Sendable {
    package var node: NodeID
    package var host: String
    package var port: Int32
    package var rack: String?

    package init(node: NodeID, host: String, port: Int32, rack: String? = nil) {
        self.node = node
        self.host = host
        self.port = port
        self.rack = rack
    }
}

/// What is known of one partition.
package struct PartitionMetadata: Hashable, Sendable {
    /// `none` while there is no leader.
    package var leader: NodeID
    package var leaderEpoch: LeaderEpoch
    package var replicas: [NodeID]
    package var isr: [NodeID]
    package var offline: [NodeID]

    package init(
        leader: NodeID, leaderEpoch: LeaderEpoch, replicas: [NodeID] = [], isr: [NodeID] = [], offline: [NodeID] = []
    ) {
        self.leader = leader
        self.leaderEpoch = leaderEpoch
        self.replicas = replicas
        self.isr = isr
        self.offline = offline
    }
}

/// What is known of one topic.
package struct TopicMetadata: Hashable, Sendable {
    package var name: String
    /// Zero where the broker is too old to have one.
    package var id: TopicID
    package var isInternal: Bool
    /// By index, 0 first.
    package var partitions: [PartitionMetadata]

    package init(name: String, id: TopicID, isInternal: Bool = false, partitions: [PartitionMetadata]) {
        self.name = name
        self.id = id
        self.isInternal = isInternal
        self.partitions = partitions
    }
}

/// What a client knows of its cluster, from answers of any age: of two opinions about a leader the one with the newer
/// epoch holds. Pure.
package struct MetadataSnapshot: Equatable, Sendable {
    package private(set) var clusterID: String?
    package private(set) var controllerID = NodeID.none
    package private(set) var brokers: [NodeID: BrokerEndpoint] = [:]
    package private(set) var topics: [String: TopicMetadata] = [:]
    /// Why a topic that was asked for is not among `topics`.
    package private(set) var failures: [String: ErrorCode] = [:]
    private var names: [TopicID: String] = [:]

    package init() {}

    package func name(of id: TopicID) -> String? { self.names[id] }

    package func partition(_ topic: String, _ index: PartitionIndex) -> PartitionMetadata? {
        guard let partitions = self.topics[topic]?.partitions, partitions.indices.contains(Int(index.rawValue)) else {
            return nil
        }
        return partitions[Int(index.rawValue)]
    }

    /// Takes a broker's answer in. Topics that it does not name stay as they are.
    package mutating func apply(_ response: MetadataResponse) {
        self.clusterID = response.clusterId
        self.controllerID = response.controllerId
        self.brokers = [:]
        for broker in response.brokers {
            self.brokers[broker.nodeId] = BrokerEndpoint(
                node: broker.nodeId, host: broker.host, port: broker.port, rack: broker.rack)
        }
        for topic in response.topics {
            guard let name = topic.name else { continue }
            if topic.errorCode == .noError {
                self.apply(topic, name: name)
            } else {
                self.failures[name] = topic.errorCode
                if topic.errorCode == .unknownTopicOrPartition { self.forget(name) }
            }
        }
    }

    private mutating func apply(_ topic: MetadataResponse.MetadataResponseTopic, name: String) {
        let known = self.topics[name].flatMap { $0.id == topic.topicId ? $0 : nil }
        var partitions: [PartitionMetadata] = []
        for partition in topic.partitions.sorted(by: { $0.partitionIndex < $1.partitionIndex }) {
            // An answer with a gap is from a broker that learns of the topic just now.
            guard Int(partition.partitionIndex.rawValue) == partitions.count else { break }
            var current = PartitionMetadata(
                leader: partition.leaderId, leaderEpoch: partition.leaderEpoch, replicas: partition.replicaNodes,
                isr: partition.isrNodes, offline: partition.offlineReplicas)
            if let known, known.partitions.indices.contains(partitions.count) {
                let previous = known.partitions[partitions.count]
                if previous.leaderEpoch > current.leaderEpoch, current.leaderEpoch != .unknown { current = previous }
            }
            partitions.append(current)
        }
        self.forget(name)
        self.failures[name] = nil
        self.topics[name] = TopicMetadata(
            name: name, id: topic.topicId, isInternal: topic.isInternal, partitions: partitions)
        if topic.topicId != .zero { self.names[topic.topicId] = name }
    }

    private mutating func forget(_ name: String) {
        guard let topic = self.topics.removeValue(forKey: name) else { return }
        self.names[topic.id] = nil
    }

    /// Takes a refusal's hint about the leader in (KIP-951). Returns whether it was news.
    package mutating func learn(leader: NodeID, epoch: LeaderEpoch, of topic: String, _ index: PartitionIndex) -> Bool {
        guard leader >= 0, let known = self.partition(topic, index), epoch > known.leaderEpoch else { return false }
        self.topics[topic]?.partitions[Int(index.rawValue)].leader = leader
        self.topics[topic]?.partitions[Int(index.rawValue)].leaderEpoch = epoch
        return true
    }

    /// Takes a refusal's hint about where a broker is in (KIP-951).
    package mutating func learn(_ endpoint: BrokerEndpoint) {
        self.brokers[endpoint.node] = endpoint
    }
}
