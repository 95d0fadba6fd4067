import ApusCore
import ClusterMetadata
import KafkaPrimitives
import KafkaStoredMessages

/// Records to build images from. Topics are numbered.
enum Samples {
    static let directory = KafkaUUID(high: 1, low: 1000)

    static func id(_ number: UInt64) -> TopicID { TopicID(KafkaUUID(high: 7, low: number)) }

    static func topic(_ name: String, _ number: UInt64) -> MetadataRecord {
        var record = TopicRecord()
        record.name = name
        record.topicId = Self.id(number)
        return .topic(record)
    }

    static func removal(_ number: UInt64) -> MetadataRecord {
        var record = RemoveTopicRecord()
        record.topicId = Self.id(number)
        return .removeTopic(record)
    }

    static func partition(
        _ topic: UInt64, _ index: PartitionIndex, replicas: [NodeID], isr: [NodeID], leader: NodeID,
        elr: [NodeID]? = nil
    ) -> MetadataRecord {
        var record = PartitionRecord()
        record.topicId = Self.id(topic)
        record.partitionId = index
        record.replicas = replicas
        record.isr = isr
        record.leader = leader
        record.leaderEpoch = 0
        record.partitionEpoch = 0
        record.directories = replicas.map { _ in Self.directory }
        record.eligibleLeaderReplicas = elr
        return .partition(record)
    }

    static func change(
        _ topic: UInt64, _ index: PartitionIndex, _ edit: (inout PartitionChangeRecord) -> Void
    ) -> MetadataRecord {
        var record = PartitionChangeRecord()
        record.topicId = Self.id(topic)
        record.partitionId = index
        edit(&record)
        return .partitionChange(record)
    }

    static func feature(_ name: String, _ level: Int16) -> MetadataRecord {
        var record = FeatureLevelRecord()
        record.name = name
        record.featureLevel = level
        return .featureLevel(record)
    }

    static func config(_ type: Int8, _ resource: String, _ name: String, _ value: String?) -> MetadataRecord {
        var record = ConfigRecord()
        record.resourceType = type
        record.resourceName = resource
        record.name = name
        record.value = value
        return .config(record)
    }

    static func broker(_ id: NodeID, epoch: BrokerEpoch) -> MetadataRecord {
        .registerBroker(
            BrokerRegistration(
                id: id, epoch: epoch, incarnationID: KafkaUUID(high: 2, low: 2),
                endpoints: [Endpoint(name: "PLAINTEXT", host: "localhost", port: 9092, securityProtocol: 0)],
                features: ["metadata.version": FeatureRange(min: 7, max: 30)], rack: "a",
                logDirectories: [Self.directory], cordonedLogDirectories: []
            ).record)
    }

    /// A log that leaves something of every kind behind.
    static var oneOfEachKind: [MetadataRecord] {
        [
            Self.feature("metadata.version", 30), Self.feature("a.feature", 1), Self.broker(1, epoch: 5),
            .registerController(
                ControllerRegistration(
                    id: 100, incarnationID: KafkaUUID(high: 3, low: 3),
                    endpoints: [Endpoint(name: "CONTROLLER", host: "localhost", port: 9093, securityProtocol: 0)],
                    features: ["metadata.version": FeatureRange(min: 7, max: 30)]
                ).record),
            Self.topic("t", 1), Self.partition(1, 0, replicas: [1, 2], isr: [1], leader: 1, elr: [2]),
            Self.change(1, 0) { $0.addingReplicas = [2] },
            Self.config(2, "t", "retention.ms", "1"), Self.config(4, "", "log.retention.ms", "2"),
            Self.quota, Self.producerIDs, Self.accessControlEntry, Self.credential, Self.token,
        ]
    }

    private static var quota: MetadataRecord {
        var user = ClientQuotaRecord.EntityData()
        user.entityType = "user"
        user.entityName = nil
        var client = ClientQuotaRecord.EntityData()
        client.entityType = "client-id"
        client.entityName = "c"
        var record = ClientQuotaRecord()
        record.entity = [user, client]
        record.key = "producer_byte_rate"
        record.value = 1024
        return .clientQuota(record)
    }

    private static var producerIDs: MetadataRecord {
        var record = ProducerIdsRecord()
        record.brokerId = 1
        record.brokerEpoch = 5
        record.nextProducerId = 1000
        return .producerIds(record)
    }

    private static var accessControlEntry: MetadataRecord {
        var record = AccessControlEntryRecord()
        record.id = KafkaUUID(high: 4, low: 4)
        record.resourceType = 2
        record.resourceName = "t"
        record.patternType = 3
        record.principal = "User:a"
        record.host = "*"
        record.operation = 3
        record.permissionType = 3
        return .accessControlEntry(record)
    }

    private static var credential: MetadataRecord {
        var record = UserScramCredentialRecord()
        record.name = "a"
        record.mechanism = 1
        record.salt = ByteSlice([1])
        record.storedKey = ByteSlice([2])
        record.serverKey = ByteSlice([3])
        record.iterations = 4096
        return .userScramCredential(record)
    }

    private static var token: MetadataRecord {
        var record = DelegationTokenRecord()
        record.tokenId = "token"
        record.owner = "User:a"
        record.renewers = ["User:b"]
        return .delegationToken(record)
    }
}
