package import ApusCore

/// What no correct replica does. It means lost state or a foreign quorum behind the same address.
package enum RaftAnomaly: Hashable, Sendable {
    /// A second replica claims to lead this epoch.
    case secondLeader(NodeID, LeaderEpoch)
    /// The leader asks for a truncation that would remove committed records. They are kept.
    case truncationOfCommitted(to: Offset, highWatermark: Offset)
    /// The leader offers a snapshot that ends below what is committed here. It is not taken.
    case snapshotBelowCommitted(OffsetAndEpoch, highWatermark: Offset)
}
