package import ApusCore

/// The metadata quorum as a node is told about it: `controller.quorum.*`.
package struct QuorumConfiguration: Hashable, Sendable {
    /// The fixed voters; empty where the voter set is kept in the log (KIP-853).
    package var voters: [QuorumVoter]
    package var bootstrapServers: [HostPort]
    package var autoJoinEnable: Bool
    package var electionTimeout: Interval
    package var electionBackoffMax: Interval
    package var fetchTimeout: Interval
    package var requestTimeout: Interval
    package var retryBackoff: Interval
    package var appendLinger: Interval
    /// Bytes of one metadata fetch.
    package var fetchBytesMax: Int
    /// Bytes of one snapshot fetch.
    package var fetchSnapshotBytesMax: Int

    init(_ settings: ConfigSettings) {
        self.voters = settings.list("controller.quorum.voters").compactMap(QuorumVoter.init)
        self.bootstrapServers = settings.list("controller.quorum.bootstrap.servers").compactMap(HostPort.init)
        self.autoJoinEnable = settings.boolean("controller.quorum.auto.join.enable")
        self.electionTimeout = settings.interval("controller.quorum.election.timeout.ms")
        self.electionBackoffMax = settings.interval("controller.quorum.election.backoff.max.ms")
        self.fetchTimeout = settings.interval("controller.quorum.fetch.timeout.ms")
        self.requestTimeout = settings.interval("controller.quorum.request.timeout.ms")
        self.retryBackoff = settings.interval("controller.quorum.retry.backoff.ms")
        self.appendLinger = settings.interval("controller.quorum.append.linger.ms")
        self.fetchBytesMax = settings.int("controller.quorum.fetch.max.bytes")
        self.fetchSnapshotBytesMax = settings.int("controller.quorum.fetch.snapshot.max.bytes")
    }
}
