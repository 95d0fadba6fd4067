package import ApusCore

/// Leaders and followers: `replica.*`.
package struct ReplicationConfiguration: Hashable, Sendable {
    package var lagTimeMax: Interval
    /// Bytes of one partition in one fetch.
    package var fetchPartitionBytesMax: Int
    /// Bytes of one fetch.
    package var fetchResponseBytesMax: Int
    package var fetchBytesMin: Int
    package var fetchWaitMax: Interval
    package var fetchBackoff: Interval
    package var socketTimeout: Interval
    package var highWatermarkCheckpointInterval: Interval
    /// Connections to each leader.
    package var fetcherCount: Int
    /// True where consumers are sent to a replica in their zone (KIP-392).
    package var selectsReplicaByRack: Bool

    /// The selector class that means "the replica in the consumer's zone".
    static let rackAwareSelector = "org.apache.kafka.common.replica.RackAwareReplicaSelector"

    init(_ settings: ConfigSettings) {
        self.lagTimeMax = settings.interval("replica.lag.time.max.ms")
        self.fetchPartitionBytesMax = settings.int("replica.fetch.max.bytes")
        self.fetchResponseBytesMax = settings.int("replica.fetch.response.max.bytes")
        self.fetchBytesMin = settings.int("replica.fetch.min.bytes")
        self.fetchWaitMax = settings.interval("replica.fetch.wait.max.ms")
        self.fetchBackoff = settings.interval("replica.fetch.backoff.ms")
        self.socketTimeout = settings.interval("replica.socket.timeout.ms")
        self.highWatermarkCheckpointInterval = settings.interval("replica.high.watermark.checkpoint.interval.ms")
        self.fetcherCount = settings.int("num.replica.fetchers")
        self.selectsReplicaByRack = settings.string("replica.selector.class") == Self.rackAwareSelector
    }
}
