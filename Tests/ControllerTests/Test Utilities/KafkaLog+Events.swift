import ApusCore
import ClusterMetadata
import KafkaStoredMessages

/// What happened to a Kafka cluster, as its metadata log tells: an event, and the records it caused.
enum KafkaEvent {
    case bootstrap
    case registerBroker(RegisterBrokerRecord)
    case registerController(RegisterControllerRecord)
    case fence(NodeID)
    case fenceAgain
    case unfence(NodeID)
    case beginShutdown(NodeID)
    case cordon(NodeID, [KafkaUUID])
    case createTopic
    case createPartitions(TopicID)
    case changePartition(PartitionChangeRecord)
    case alterConfigs
    case deleteTopic(TopicID)
    case allocateProducerIDs(ProducerIdsRecord)
}

extension KafkaLog {
    /// The first event of `entries`, and how many records it caused.
    static func nextEvent(_ entries: ArraySlice<Entry>, image: MetadataImage) -> (event: KafkaEvent, count: Int)? {
        guard let first = entries.first else { return nil }
        let batch = entries.prefix { $0.baseOffset == first.baseOffset }.map(\.record)
        switch batch[0] {
        case .beginTransaction: return (.bootstrap, batch.count)
        case .registerBroker(let record): return (.registerBroker(record), 1)
        case .registerController(let record): return (.registerController(record), 1)
        case .brokerRegistrationChange(let record): return Self.brokerEvent(record, batch, image: image)
        case .topic:
            let parts = batch.dropFirst().prefix { record in
                switch record {
                case .config, .clearElr, .partition: true
                default: false
                }
            }
            return (.createTopic, 1 + parts.count)
        case .partition(let record):
            let more = batch.prefix {
                if case .partition(let next) = $0 { next.topicId == record.topicId } else { false }
            }
            return (.createPartitions(record.topicId), more.count)
        case .partitionChange(let record):
            let changes = batch.prefix { if case .partitionChange = $0 { true } else { false } }
            switch batch.dropFirst(changes.count).first {
            case .registerBroker(let registered): return (.registerBroker(registered), changes.count + 1)
            case .brokerRegistrationChange(let broker) where broker.fenced == 1:
                return (.fence(broker.brokerId), changes.count + 1)
            default: return (.changePartition(record), 1)
            }
        case .config:
            let changes = batch.prefix { record in
                switch record {
                case .config, .clearElr: true
                default: false
                }
            }
            return (.alterConfigs, changes.count)
        case .removeTopic(let record): return (.deleteTopic(record.topicId), 1)
        case .producerIds(let record): return (.allocateProducerIDs(record), 1)
        default: return nil
        }
    }

    private static func brokerEvent(
        _ record: BrokerRegistrationChangeRecord, _ batch: [MetadataRecord], image: MetadataImage
    ) -> (event: KafkaEvent, count: Int)? {
        let changes = batch.dropFirst().prefix { if case .partitionChange = $0 { true } else { false } }
        if let cordoned = record.cordonedLogDirs { return (.cordon(record.brokerId, cordoned), 1) }
        if record.inControlledShutdown == 1 { return (.beginShutdown(record.brokerId), 1 + changes.count) }
        if record.fenced == -1 { return (.unfence(record.brokerId), 1 + changes.count) }
        let isFenced = image.brokers[record.brokerId]?.isFenced ?? false
        return (isFenced ? .fenceAgain : .fence(record.brokerId), 1)
    }
}
