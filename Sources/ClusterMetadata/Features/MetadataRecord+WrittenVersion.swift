package import KafkaStoredMessages

extension MetadataRecord {
    /// The version at which the record is written while `metadata.version` is `level`: the one Kafka 4.3 writes.
    ///
    /// Fields that the version lacks are left out, so a state that needs them must not arise below their level.
    package func writtenVersion(at level: MetadataVersion) -> Int16 {
        switch self {
        case .registerBroker:
            if level >= .cordonedLogDirectories { return 4 }
            if level >= .directoryAssignment { return 3 }
            return level >= .migratingBrokers ? 2 : 1
        case .partition, .partitionChange:
            if level >= .eligibleLeaderReplicas { return 2 }
            return level >= .directoryAssignment ? 1 : 0
        case .brokerRegistrationChange(let record):
            // The lowest version that holds what the record says.
            if record.cordonedLogDirs != nil { return 3 }
            if !record.logDirs.isEmpty { return 2 }
            return record.inControlledShutdown != 0 ? 1 : 0
        case .unregisterBroker, .topic, .config, .fenceBroker, .unfenceBroker, .removeTopic, .delegationToken,
            .userScramCredential, .featureLevel, .clientQuota, .producerIds, .accessControlEntry,
            .removeAccessControlEntry, .noOp, .zkMigrationState, .removeUserScramCredential, .beginTransaction,
            .endTransaction, .abortTransaction, .removeDelegationToken, .registerController, .clearElr,
            .unregisterController:
            return 0
        }
    }
}
