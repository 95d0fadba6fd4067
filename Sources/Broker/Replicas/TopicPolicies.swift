import ApusCore
import ClusterMetadata
import Configuration
import KafkaRecords
import LogStorage
import Replication

/// What topics' configurations mean on this broker: the metadata's values over the node's own.
struct TopicPolicies: Sendable {
    let configuration: BrokerConfiguration

    func policy(of topic: String, _ image: MetadataImage) -> TopicPolicy {
        let values = self.values(of: topic, image)
        return TopicPolicy(
            log: Self.log(values),
            replica: ReplicaPolicy(
                lagTimeMax: self.configuration.replication.lagTimeMax,
                minInSyncReplicas: max(1, values.minInsyncReplicas)),
            validation: BatchValidator(rules: Self.rules(values)))
    }

    private func values(of topic: String, _ image: MetadataImage) -> TopicConfiguration {
        var layers = self.configuration.layers
        layers.dynamicDefault = image.configuration(of: .defaultBroker)
        layers.dynamicBroker = image.configuration(of: .broker(self.configuration.nodeID))
        return TopicConfiguration(layers: layers, overrides: image.configuration(of: .topic(topic)))
    }

    private static func log(_ values: TopicConfiguration) -> LogStorage.LogConfiguration {
        var log = LogStorage.LogConfiguration()
        log.segmentBytes = values.segmentBytes
        log.segmentMilliseconds = values.segmentMs
        log.segmentJitterMilliseconds = values.segmentJitterMs
        log.segmentIndexBytes = values.segmentIndexBytes
        log.indexIntervalBytes = values.indexIntervalBytes
        log.retentionBytes = values.retentionBytes
        log.retentionMilliseconds = values.retentionMs
        log.flushMessages = values.flushMessages
        log.flushMilliseconds = values.flushMs
        log.messageBytesMax = values.maxMessageBytes
        log.timestampType = Self.timestampType(values)
        log.cleanupPolicy = []
        if values.cleanupPolicy.contains(.delete) { log.cleanupPolicy.insert(.delete) }
        if values.cleanupPolicy.contains(.compact) { log.cleanupPolicy.insert(.compact) }
        log.fileDeleteDelay = .milliseconds(values.fileDeleteDelayMs)
        log.uncleanLeaderElection = values.uncleanLeaderElectionEnable
        log.inSyncReplicasMin = values.minInsyncReplicas
        return log
    }

    private static func rules(_ values: TopicConfiguration) -> TopicRecordRules {
        var rules = TopicRecordRules()
        rules.messageBytesMax = values.maxMessageBytes
        rules.isCompacted = values.cleanupPolicy.contains(.compact)
        rules.timestampType = Self.timestampType(values)
        rules.timestampBeforeMaxMs = values.messageTimestampBeforeMaxMs
        rules.timestampAfterMaxMs = values.messageTimestampAfterMaxMs
        rules.compression = Self.compression(values)
        return rules
    }

    private static func timestampType(_ values: TopicConfiguration) -> TimestampType {
        switch values.messageTimestampType {
        case .createTime: .createTime
        case .logAppendTime: .logAppendTime
        }
    }

    private static func compression(_ values: TopicConfiguration) -> KafkaRecords.TopicCompression {
        switch values.compressionType {
        case .producer: .producer
        case .uncompressed: .fixed(CompressionSetting(.none))
        case .gzip: .fixed(CompressionSetting(.gzip, level: Int32(clamping: values.compressionGzipLevel)))
        case .snappy: .fixed(CompressionSetting(.snappy))
        case .lz4: .fixed(CompressionSetting(.lz4, level: Int32(clamping: values.compressionLz4Level)))
        case .zstd: .fixed(CompressionSetting(.zstd, level: Int32(clamping: values.compressionZstdLevel)))
        }
    }
}
