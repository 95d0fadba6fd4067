import ApusCore

extension MetadataDelta {
    /// What differs between two images whose records in between are not known: after a snapshot was loaded.
    package init(from old: MetadataImage, to new: MetadataImage) {
        self.init()
        self.compareTopics(old, new)
        self.changedBrokers = Self.differences(old.brokers, new.brokers)
        self.changedControllers = Self.differences(old.controllers, new.controllers)
        self.changedFeatures = Self.differences(old.features, new.features)
        self.changedClientQuotas = Self.differences(old.clientQuotas, new.clientQuotas)
        self.changedScramUsers = Set(
            Self.differences(old.scramCredentials, new.scramCredentials).map(\.user))
        self.hasChangedAccessControl = old.accessControlEntries != new.accessControlEntries
        self.hasChangedDelegationTokens = old.delegationTokens != new.delegationTokens
        self.hasChangedProducerIDs = old.nextProducerID != new.nextProducerID
        var resources: Set<ConfigResource> = []
        old.configurations.forEach { resource, configuration in
            if new.configurations[resource] != configuration { resources.insert(resource) }
        }
        new.configurations.forEach { resource, configuration in
            if old.configurations[resource] != configuration { resources.insert(resource) }
        }
        self.changedConfigurations = resources
    }

    private mutating func compareTopics(_ old: MetadataImage, _ new: MetadataImage) {
        var deleted: [TopicID: String] = [:]
        old.topics.forEach { id, topic in
            if new.topics[id] == nil { deleted[id] = topic.name }
        }
        self.deletedTopics = deleted
        var created: Set<TopicID> = []
        var changed: Set<TopicIDPartition> = []
        new.topics.forEach { id, topic in
            let before = old.topics[id]
            if before == nil { created.insert(id) }
            for (index, state) in zip(topic.partitionIndexes, topic.partitions) where before?[index] != state {
                changed.insert(TopicIDPartition(topicID: id, partition: index))
            }
        }
        self.createdTopics = created
        self.changedPartitions = changed
    }

    private static func differences<Key, Value: Equatable>(_ old: [Key: Value], _ new: [Key: Value]) -> Set<Key> {
        var keys = Set(old.keys.filter { new[$0] != old[$0] })
        keys.formUnion(new.keys.filter { new[$0] != old[$0] })
        return keys
    }
}
