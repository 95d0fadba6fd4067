package import ApusCore

/// The ids of log directories that stand for no directory (KIP-858). Ids below 100 are reserved.
package enum DirectoryID {
    /// The replica is somewhere on the broker, written before directories were recorded.
    package static let migrating = KafkaUUID(high: 0, low: 0)
    /// The broker has not yet placed the replica in a directory.
    package static let unassigned = KafkaUUID(high: 0, low: 1)
    /// The replica is in a directory that is not known to be online.
    package static let lost = KafkaUUID(high: 0, low: 2)

    /// True for ids that no directory may have.
    package static func isReserved(_ id: KafkaUUID) -> Bool {
        id.high == 0 && id.low < 100
    }

    /// True where a replica in `directory` can be reached on a broker whose online directories are `online`.
    ///
    /// A broker that registered before directories were recorded has none; its replicas count as online.
    package static func isOnline(_ directory: KafkaUUID, online: [KafkaUUID]) -> Bool {
        if directory == Self.unassigned || directory == Self.migrating { return true }
        if directory == Self.lost { return false }
        return online.isEmpty || online.contains(directory)
    }
}
