package import ApusCore
import ClusterMetadata
package import KafkaStoredMessages
package import StateMachine

extension Controller {
    /// The first records of a new controller: the end of a transaction that an earlier one left open, and in an empty
    /// log the bootstrap records in a transaction of their own.
    ///
    /// - Parameters:
    ///   - openTransactionOffset: where a transaction without an end began; see `MetadataReplay`.
    ///   - bootstrap: the records of a new cluster: those of `bootstrapRecords`, or of a `bootstrap.checkpoint`.
    package mutating func activate(
        openTransactionOffset: Offset?, bootstrap: [MetadataRecord], context: ControllerContext
    ) -> CommandResult<MetadataRecord, NoResponse> {
        var records: [MetadataRecord] = []
        if openTransactionOffset != nil {
            var abort = AbortTransactionRecord()
            abort.reason = "Controller failover"
            records.append(.abortTransaction(abort))
        }
        if self.image.metadataVersion == nil {
            var begin = BeginTransactionRecord()
            begin.name = "Bootstrap records"
            records.append(.beginTransaction(begin))
            records.append(contentsOf: bootstrap)
            records.append(contentsOf: self.clusterDefaults(bootstrap))
            records.append(.endTransaction(EndTransactionRecord()))
        }
        if !records.isEmpty { self.schedule.wrote(now: context.now) }
        return CommandResult(records: records, response: NoResponse())
    }

    /// The bootstrap records of a cluster that was formatted without any: the features of Kafka 4.3.1.
    package static var bootstrapRecords: [MetadataRecord] {
        SupportedFeatures.initialLevels.map { name, level in
            var record = FeatureLevelRecord()
            record.name = name
            record.featureLevel = level
            return .featureLevel(record)
        }
    }

    /// With eligible leader replicas `min.insync.replicas` belongs to the cluster, not to each node (KIP-966).
    private func clusterDefaults(_ bootstrap: [MetadataRecord]) -> [MetadataRecord] {
        let isELREnabled = bootstrap.contains { record in
            guard case .featureLevel(let feature) = record else { return false }
            return feature.name == FeatureName.eligibleLeaderReplicas && feature.featureLevel > 0
        }
        guard isELREnabled else { return [] }
        return [.config(Self.clusterMinInsyncReplicas(self.configuration.minInsyncReplicas))]
    }

    static func clusterMinInsyncReplicas(_ value: Int) -> ConfigRecord {
        var record = ConfigRecord()
        record.resourceType = ConfigResource.Kind.broker.rawValue
        record.name = PartitionPolicy.minInsyncReplicasKey
        record.value = String(value)
        return record
    }
}
