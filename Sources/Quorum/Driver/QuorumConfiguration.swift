package import ApusCore
package import Raft

/// How a node takes part in the metadata quorum.
package struct QuorumConfiguration: Sendable {
    package var raft: RaftConfiguration
    /// The cluster this node belongs to: `cluster.id`.
    package var clusterID: String
    /// Where each voter listens for the quorum.
    package var endpoints: [NodeID: QuorumEndpoint]
    /// A snapshot is due when so many bytes of records were committed since the last one:
    /// `metadata.log.max.record.bytes.between.snapshots`.
    package var snapshotBytes: Int64 = 20 << 20
    /// A snapshot is due when records were committed and the last one is so old; zero for never:
    /// `metadata.log.max.snapshot.interval.ms`.
    package var snapshotInterval: Interval = .seconds(3600)
    /// The log and its snapshots are cut to this size, as far as snapshots allow: `metadata.max.retention.bytes`.
    package var retentionBytes: Int64 = 100 << 20
    /// A snapshot is removed when its records are older, and a newer one is there: `metadata.max.retention.ms`.
    package var retentionMilliseconds: Int64 = 604_800_000

    package init(raft: RaftConfiguration, clusterID: String, endpoints: [NodeID: QuorumEndpoint]) {
        self.raft = raft
        self.clusterID = clusterID
        self.endpoints = endpoints
    }
}
