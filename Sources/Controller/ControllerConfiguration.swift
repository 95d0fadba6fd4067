package import ApusCore
package import ClusterMetadata

/// What a controller is told by its configuration file.
package struct ControllerConfiguration: Sendable {
    package var nodeID: NodeID
    /// The id that brokers must name when they register.
    package var clusterID: String
    /// `num.partitions`.
    package var defaultPartitionCount: Int32 = 1
    /// `default.replication.factor`.
    package var defaultReplicationFactor: Int16 = 1
    /// `min.insync.replicas`, where neither the topic nor the cluster has set it.
    package var minInsyncReplicas: Int = 1
    /// `unclean.leader.election.enable`, where neither the topic nor the cluster has set it.
    package var isUncleanLeaderElectionEnabled = false
    /// `broker.session.timeout.ms`: a broker that is silent for so long is fenced.
    package var sessionTimeout: Interval = .seconds(9)
    /// How long a broker may take to find the leader of the quorum after another: what it waits for the one that is gone,
    /// and for an answer of another that is.
    package var leaderDiscoveryTime: Interval = .seconds(4)
    /// `apus.broker.disconnect.fencing.ms`: a broker whose connection is lost and does not come back is fenced.
    package var disconnectGrace: Interval = .milliseconds(200)
    /// `metadata.max.idle.interval.ms`: a no-op record is written where no other was for so long; zero for never.
    package var idleIntervalMax: Interval = .milliseconds(500)
    /// `auto.leader.rebalance.enable`.
    package var isLeaderBalancingEnabled = true
    /// `leader.imbalance.check.interval.seconds`.
    package var leaderImbalanceCheckInterval: Interval = .seconds(300)
    /// `leader.imbalance.per.broker.percentage`.
    package var leaderImbalancePercentage = 10
    /// `unclean.leader.election.interval.ms`: how often partitions without a leader are looked at again.
    package var uncleanElectionInterval: Interval = .seconds(300)
    /// The levels of each feature that this program supports.
    package var supportedFeatures: [String: FeatureRange] = SupportedFeatures.ranges

    package init(nodeID: NodeID, clusterID: String) {
        self.nodeID = nodeID
        self.clusterID = clusterID
    }

    /// From when on the silence of a broker counts that a new controller has not heard yet.
    ///
    /// What was cut off together with the last controller has been silent since that was. But a broker that lives has
    /// to find the new controller first, and sends a heartbeat within half a session: so long it has from now at least.
    func sessionStart(leaderHeardAt: Instant?, now: Instant) -> Instant {
        let half = Interval(nanoseconds: self.sessionTimeout.nanoseconds / 2)
        let rest = min(max(half, self.leaderDiscoveryTime), self.sessionTimeout)
        return max(leaderHeardAt ?? now, now - (self.sessionTimeout - rest))
    }
}

/// The features of this program, and the levels a new cluster starts with: those of Kafka 4.3.1.
package enum SupportedFeatures {
    /// Both ends inclusive. A node registers with these.
    package static let ranges: [String: FeatureRange] = [
        MetadataVersion.featureName: FeatureRange(
            min: MetadataVersion.oldest.rawValue, max: MetadataVersion.newest.rawValue),
        FeatureName.kraft: FeatureRange(min: 0, max: 1),
        FeatureName.transaction: FeatureRange(min: 0, max: 2),
        FeatureName.group: FeatureRange(min: 0, max: 1),
        FeatureName.eligibleLeaderReplicas: FeatureRange(min: 0, max: 1),
        FeatureName.share: FeatureRange(min: 0, max: 1),
        FeatureName.streams: FeatureRange(min: 0, max: 1),
    ]

    /// The finalized levels of a new cluster, in the order of the log. `kraft.version` is the quorum's own.
    package static let initialLevels: [(name: String, level: Int16)] = [
        (MetadataVersion.featureName, MetadataVersion.newest.rawValue),
        (FeatureName.eligibleLeaderReplicas, 1),
        (FeatureName.group, 1),
        (FeatureName.share, 1),
        (FeatureName.streams, 1),
        (FeatureName.transaction, 2),
    ]
}
