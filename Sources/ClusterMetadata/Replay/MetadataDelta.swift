package import ApusCore
import KafkaStoredMessages

/// What changed between two published images, as keys: the values are in the images.
///
/// A broker looks only at what is named here, whatever the size of the cluster. A delta may name something that has
/// the same value before and after; it never leaves out a change.
package struct MetadataDelta: Equatable, Sendable {
    /// Topics that are in the new image only.
    package internal(set) var createdTopics: Set<TopicID> = []
    /// Topics that are in the old image only, with their names.
    package internal(set) var deletedTopics: [TopicID: String] = [:]
    /// Partitions of the new image that are new or changed, those of created topics included.
    package internal(set) var changedPartitions: Set<TopicIDPartition> = []
    package internal(set) var changedConfigurations: Set<ConfigResource> = []
    /// Brokers that registered, changed or are gone.
    package internal(set) var changedBrokers: Set<NodeID> = []
    package internal(set) var changedControllers: Set<NodeID> = []
    package internal(set) var changedFeatures: Set<String> = []
    package internal(set) var changedClientQuotas: Set<ClientQuotaEntity> = []
    package internal(set) var changedScramUsers: Set<String> = []
    package internal(set) var hasChangedAccessControl = false
    package internal(set) var hasChangedDelegationTokens = false
    package internal(set) var hasChangedProducerIDs = false

    /// No change.
    package init() {}

    package var isEmpty: Bool { self == MetadataDelta() }

    /// Notes what `record` is about to change.
    ///
    /// - Parameter image: the image before the record.
    mutating func note(_ record: MetadataRecord, before image: MetadataImage) {
        switch record {
        case .registerBroker(let record): self.changedBrokers.insert(record.brokerId)
        case .unregisterBroker(let record): self.changedBrokers.insert(record.brokerId)
        case .brokerRegistrationChange(let record): self.changedBrokers.insert(record.brokerId)
        case .fenceBroker(let record): self.changedBrokers.insert(record.id)
        case .unfenceBroker(let record): self.changedBrokers.insert(record.id)
        case .registerController(let record): self.changedControllers.insert(record.controllerId)
        case .unregisterController(let record): self.changedControllers.insert(record.controllerId)
        case .topic(let record): self.createdTopics.insert(record.topicId)
        case .partition(let record):
            self.changedPartitions.insert(.init(topicID: record.topicId, partition: record.partitionId))
        case .partitionChange(let record):
            self.changedPartitions.insert(.init(topicID: record.topicId, partition: record.partitionId))
        case .removeTopic(let record): self.noteRemoval(of: record.topicId, before: image)
        case .clearElr(let record): self.noteClearedELR(of: record.topicName, before: image)
        case .config(let record):
            let kind = ConfigResource.Kind(rawValue: record.resourceType)
            self.changedConfigurations.insert(ConfigResource(kind: kind, name: record.resourceName))
        case .featureLevel(let record): self.changedFeatures.insert(record.name)
        case .producerIds: self.hasChangedProducerIDs = true
        case .clientQuota(let record):
            let parts = record.entity.map { ClientQuotaEntity.Part(type: $0.entityType, name: $0.entityName) }
            self.changedClientQuotas.insert(ClientQuotaEntity(parts))
        case .userScramCredential(let record): self.changedScramUsers.insert(record.name)
        case .removeUserScramCredential(let record): self.changedScramUsers.insert(record.name)
        case .accessControlEntry, .removeAccessControlEntry: self.hasChangedAccessControl = true
        case .delegationToken, .removeDelegationToken: self.hasChangedDelegationTokens = true
        case .noOp, .zkMigrationState, .beginTransaction, .endTransaction, .abortTransaction: break
        }
    }

    private mutating func noteRemoval(of id: TopicID, before image: MetadataImage) {
        guard let topic = image.topics[id] else { return }
        for partition in topic.partitionIndexes {
            self.changedPartitions.remove(TopicIDPartition(topicID: id, partition: partition))
        }
        // The configuration goes with the topic; a topic of the same name may get another in the same delta.
        self.changedConfigurations.insert(.topic(topic.name))
        if self.createdTopics.remove(id) == nil { self.deletedTopics[id] = topic.name }
    }

    private mutating func noteClearedELR(of name: String, before image: MetadataImage) {
        let cleared = name.isEmpty ? image.topics.sortedKeys() : image.topicIDs[name].map { [$0] } ?? []
        for id in cleared {
            guard let topic = image.topics[id] else { continue }
            for (index, state) in zip(topic.partitionIndexes, topic.partitions) where state.hasEligibleLeaderState {
                self.changedPartitions.insert(TopicIDPartition(topicID: id, partition: index))
            }
        }
    }
}
