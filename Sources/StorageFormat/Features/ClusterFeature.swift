/// A feature that is switched on for a whole cluster (KIP-584, KIP-1022), besides `metadata.version`.
package enum ClusterFeature: String, Hashable, Sendable, CaseIterable {
    case kraft = "kraft.version"
    case transaction = "transaction.version"
    case group = "group.version"
    case eligibleLeaderReplicas = "eligible.leader.replicas.version"
    case share = "share.version"
    case streams = "streams.version"

    /// The newest level.
    package var newest: Int16 {
        switch self {
        case .transaction: 2
        case .kraft, .group, .eligibleLeaderReplicas, .share, .streams: 1
        }
    }
}
