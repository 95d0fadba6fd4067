package import ApusCore

/// The metadata of a cluster at one point of its metadata log: an immutable value once published.
///
/// A copy costs a few retains. Only `apply(_:at:epoch:)` changes it, on brokers and on the controller alike; topics
/// and configurations share storage with earlier copies, part by part, so that publishing an image after each batch
/// stays cheap with tens of thousands of partitions.
package struct MetadataImage: Equatable, Sendable {
    /// The offset of the last record applied; -1 before any.
    package internal(set) var lastOffset: Offset = -1
    /// The leader epoch of the last record applied.
    package internal(set) var lastEpoch: LeaderEpoch = 0
    /// The finalized features by name, `metadata.version` among them. Level 0 is absence.
    package internal(set) var features: [String: Int16] = [:]
    package internal(set) var brokers: [NodeID: BrokerRegistration] = [:]
    package internal(set) var controllers: [NodeID: ControllerRegistration] = [:]
    package internal(set) var topics = ShardedDictionary<TopicID, TopicImage>()
    package internal(set) var topicIDs = ShardedDictionary<String, TopicID>()
    /// The dynamic configurations that were set, by resource. A resource without any is absent.
    package internal(set) var configurations = ShardedDictionary<ConfigResource, [String: String]>()
    package internal(set) var clientQuotas: [ClientQuotaEntity: [String: Double]] = [:]
    package internal(set) var scramCredentials: [ScramCredential.Key: ScramCredential] = [:]
    package internal(set) var accessControlEntries: [KafkaUUID: AccessControlEntry] = [:]
    package internal(set) var delegationTokens: [String: DelegationToken] = [:]
    /// The first producer id that no block handed out so far holds; nil while none was handed out.
    package internal(set) var nextProducerID: ProducerID?

    /// The image of an empty log.
    package init() {}
}

extension MetadataImage {
    /// The finalized `metadata.version`; nil before the bootstrap records.
    package var metadataVersion: MetadataVersion? {
        self.features[MetadataVersion.featureName].map { MetadataVersion(rawValue: $0) }
    }

    /// True where eligible leader replicas are kept (KIP-966).
    package var isELREnabled: Bool {
        (self.features[FeatureName.eligibleLeaderReplicas] ?? 0) > 0
    }

    package func topic(named name: String) -> TopicImage? {
        self.topicIDs[name].flatMap { self.topics[$0] }
    }

    package func topic(id: TopicID) -> TopicImage? {
        self.topics[id]
    }

    package func partition(_ partition: TopicIDPartition) -> PartitionState? {
        self.topics[partition.topicID]?[partition.partition]
    }

    package func partition(_ partition: TopicPartition) -> PartitionState? {
        self.topic(named: partition.topic)?[partition.partition]
    }

    /// The dynamic configuration of a resource alone: no defaults, nothing inherited.
    package func configuration(of resource: ConfigResource) -> [String: String] {
        self.configurations[resource] ?? [:]
    }

    /// The value of a topic's key: its own, or the dynamic default of all brokers; nil where neither is set.
    package func dynamicValue(topic: String, key: String) -> String? {
        self.configurations[.topic(topic)]?[key] ?? self.configurations[.defaultBroker]?[key]
    }

    /// The ids of all registered brokers, ascending.
    package var brokerIDs: [NodeID] { self.brokers.keys.sorted() }

    /// True where the broker is registered and may lead and be in an ISR.
    package func isActive(_ broker: NodeID) -> Bool {
        self.brokers[broker]?.isActive ?? false
    }
}
