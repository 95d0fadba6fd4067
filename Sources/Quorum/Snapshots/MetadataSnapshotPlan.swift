import ApusCore
package import KafkaStoredMessages
package import LogStorage

/// A snapshot that is to be made, for a thread that may wait for the disk.
package struct MetadataSnapshotPlan: Sendable {
    package let id: SnapshotID
    let place: SnapshotPlace
    let lastContainedTimestamp: Timestamp
    let timestamp: Timestamp

    func begin() throws(QuorumError) -> MetadataSnapshotWriter {
        let file: SnapshotWriter
        do throws(LogError) {
            file = try self.place.begin(self.id)
        } catch {
            throw .storage(error)
        }
        return try MetadataSnapshotWriter(
            file, lastContainedTimestamp: self.lastContainedTimestamp, timestamp: self.timestamp)
    }

    /// Writes the whole snapshot. When it returns, it survives a power loss and may be reported with `snapshotFinished`.
    package func write(_ records: [MetadataRecord]) throws(QuorumError) {
        var writer = try self.begin()
        for record in records { try writer.append(record) }
        try writer.finish()
    }
}
