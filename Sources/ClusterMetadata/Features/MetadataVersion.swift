/// A level of the feature `metadata.version`: which records, at which versions, may stand in the log.
package struct MetadataVersion: RawRepresentable, Hashable, Sendable, Comparable {
    package var rawValue: Int16

    package init(rawValue: Int16) {
        self.rawValue = rawValue
    }

    /// The name of the feature.
    package static let featureName = "metadata.version"

    /// 3.3-IV3: the oldest level that Kafka 4 reads.
    package static let oldest = MetadataVersion(rawValue: 7)
    /// 3.4-IV0: registrations say whether a broker migrates from ZooKeeper.
    package static let migratingBrokers = MetadataVersion(rawValue: 8)
    /// 3.7-IV0: controllers register (KIP-919).
    package static let controllerRegistration = MetadataVersion(rawValue: 15)
    /// 3.7-IV2: replicas are assigned to log directories (KIP-858).
    package static let directoryAssignment = MetadataVersion(rawValue: 17)
    /// 4.0-IV1: eligible leader replicas (KIP-966).
    package static let eligibleLeaderReplicas = MetadataVersion(rawValue: 23)
    /// 4.3-IV0: cordoned log directories (KIP-1066), and the level of a new cluster.
    package static let cordonedLogDirectories = MetadataVersion(rawValue: 30)
    package static let newest = cordonedLogDirectories

    package static func < (lhs: MetadataVersion, rhs: MetadataVersion) -> Bool {
        lhs.rawValue < rhs.rawValue
    }
}

/// The names of the other features.
package enum FeatureName {
    package static let kraft = "kraft.version"
    package static let transaction = "transaction.version"
    package static let group = "group.version"
    package static let eligibleLeaderReplicas = "eligible.leader.replicas.version"
    package static let share = "share.version"
    package static let streams = "streams.version"
}
