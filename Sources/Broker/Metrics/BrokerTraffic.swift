import Telemetry

/// What moved through this broker, over all topics. Counting is atomic and may be done under any lock.
package final class BrokerTraffic: Sendable {
    /// Batches, their records and bytes as stored, that clients produced and this leader appended.
    let producedBatches = Counter()
    let producedRecords = Counter()
    let producedBytes = Counter()
    /// Bytes of records given to readers.
    let consumed = FetchTraffic()
    let replicated = FetchTraffic()
    /// Partitions led here whose ISR lost or gained members.
    let isrShrinks = Counter()
    let isrExpansions = Counter()
    /// Changes of leaders seen in the metadata, of all partitions.
    let leaderElections = Counter()

    package init() {}

    /// Adds what was seen in one publication of metadata.
    func add(_ changes: LeadershipChanges) {
        self.isrShrinks.increment(by: changes.isrShrinks)
        self.isrExpansions.increment(by: changes.isrExpansions)
        self.leaderElections.increment(by: changes.leaderElections)
    }
}
