package import ApusCore

/// The settings that one partition's replication depends on.
package struct ReplicaPolicy: Equatable, Sendable {
    /// `replica.lag.time.max.ms`: how long a follower may not have been caught up before it leaves the ISR.
    package var lagTimeMax: Interval
    /// `min.insync.replicas` of the topic; at most the number of replicas counts.
    package var minInSyncReplicas: Int
    /// How long a refused ISR proposal waits before it is sent again.
    package var proposalBackoff: Interval

    package init(
        lagTimeMax: Interval = .milliseconds(30_000), minInSyncReplicas: Int = 1,
        proposalBackoff: Interval = .milliseconds(50)
    ) {
        precondition(minInSyncReplicas >= 1, "min.insync.replicas is at least 1")
        self.lagTimeMax = lagTimeMax
        self.minInSyncReplicas = minInSyncReplicas
        self.proposalBackoff = proposalBackoff
    }
}
