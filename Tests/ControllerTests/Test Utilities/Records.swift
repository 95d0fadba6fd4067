import ApusCore
import KafkaStoredMessages

/// A change of a partition, as a record.
func partitionChange(
    _ topic: TopicID, _ partition: PartitionIndex = 0, isr: [NodeID]? = nil, leader: NodeID = -2, elr: [NodeID]? = nil,
    lastKnownELR: [NodeID]? = nil, recovery: Int8 = -1, replicas: [NodeID]? = nil, adding: [NodeID]? = nil,
    removing: [NodeID]? = nil, directories: [KafkaUUID]? = nil
) -> MetadataRecord {
    var record = PartitionChangeRecord()
    record.topicId = topic
    record.partitionId = partition
    record.isr = isr
    record.leader = leader
    record.eligibleLeaderReplicas = elr
    record.lastKnownElr = lastKnownELR
    record.leaderRecoveryState = recovery
    record.replicas = replicas
    record.addingReplicas = adding
    record.removingReplicas = removing
    record.directories = directories
    return .partitionChange(record)
}

/// A change of a broker's registration, as a record.
func brokerChange(
    _ broker: NodeID, epoch: BrokerEpoch, fenced: Int8 = 0, inControlledShutdown: Int8 = 0, logDirs: [KafkaUUID] = []
) -> MetadataRecord {
    var record = BrokerRegistrationChangeRecord()
    record.brokerId = broker
    record.brokerEpoch = epoch
    record.fenced = fenced
    record.inControlledShutdown = inControlledShutdown
    record.logDirs = logDirs
    return .brokerRegistrationChange(record)
}

func feature(_ name: String, _ level: Int16) -> MetadataRecord {
    var record = FeatureLevelRecord()
    record.name = name
    record.featureLevel = level
    return .featureLevel(record)
}

func config(_ type: Int8, _ resource: String, _ name: String, _ value: String?) -> MetadataRecord {
    var record = ConfigRecord()
    record.resourceType = type
    record.resourceName = resource
    record.name = name
    record.value = value
    return .config(record)
}
