package import ApusCore

/// The metadata log and its snapshots: `metadata.*`.
package struct MetadataLogConfiguration: Hashable, Sendable {
    package var directory: String
    package var segmentBytes: Int
    package var segmentAgeMax: Interval
    /// -1 sets no limit.
    package var retentionBytes: Int64
    /// Nil keeps for ever.
    package var retention: Interval?
    /// Record bytes after which a snapshot is written.
    package var bytesBetweenSnapshots: Int64
    /// Nil where time alone writes no snapshot.
    package var snapshotIntervalMax: Interval?
    /// How often the active controller writes a no-op record when nothing happens; nil for never.
    package var idleIntervalMax: Interval?

    init(_ settings: ConfigSettings, directory: String) {
        self.directory = directory
        self.segmentBytes =
            settings.optionalInteger("internal.metadata.log.segment.bytes").map(Int.init)
            ?? settings.int("metadata.log.segment.bytes")
        self.segmentAgeMax = settings.interval("metadata.log.segment.ms")
        self.retentionBytes = settings.integer("metadata.max.retention.bytes")
        let retention = settings.integer("metadata.max.retention.ms")
        self.retention = retention < 0 ? nil : .milliseconds(retention)
        self.bytesBetweenSnapshots = settings.integer("metadata.log.max.record.bytes.between.snapshots")
        let snapshot = settings.integer("metadata.log.max.snapshot.interval.ms")
        self.snapshotIntervalMax = snapshot == 0 ? nil : .milliseconds(snapshot)
        let idle = settings.integer("metadata.max.idle.interval.ms")
        self.idleIntervalMax = idle == 0 ? nil : .milliseconds(idle)
    }
}
