extension BrokerConfigs {
    /// The metadata log and its snapshots.
    static let metadataLog: [ConfigKey] = [
        ConfigKey(
            "metadata.log.dir", .string, nil, .high,
            "The directory of the metadata log; the first of log.dirs where it is not set."),
        ConfigKey(
            "metadata.log.max.record.bytes.between.snapshots", .long, "20971520", valid: .atLeast(1), .high,
            "Bytes of metadata records after which a snapshot is written."),
        ConfigKey(
            "metadata.log.max.snapshot.interval.ms", .long, "3600000", valid: .atLeast(0), .high,
            "The longest time between two snapshots while there is something new; 0 turns it off."),
        ConfigKey(
            "metadata.log.segment.bytes", .int, "1073741824", valid: .atLeast(8_388_608), .high,
            "The size at which a segment of the metadata log is rolled."),
        ConfigKey(
            "metadata.log.segment.ms", .long, "604800000", .high,
            "The age at which a segment of the metadata log is rolled."),
        ConfigKey(
            "metadata.max.retention.bytes", .long, "104857600", .high,
            "The size of metadata log and snapshots above which old ones are deleted."),
        ConfigKey(
            "metadata.max.retention.ms", .long, "604800000", .high,
            "The age above which old metadata segments and snapshots are deleted."),
        ConfigKey(
            "metadata.max.idle.interval.ms", .int, "500", valid: .atLeast(0), .low,
            "How often the active controller writes a no-op record when nothing happens; 0 turns it off."),
        ConfigKey(
            "internal.metadata.delete.delay.millis", .long, "60000", .low, isInternal: true,
            "How long a deleted metadata segment stays on disk."),
        ConfigKey(
            "internal.metadata.log.segment.bytes", .int, nil, .low, isInternal: true,
            "A smaller segment size of the metadata log, for tests."),
        ConfigKey(
            "internal.metadata.max.batch.size.in.bytes", .int, "8388608", .low, isInternal: true,
            "The largest batch of the metadata log."),
    ]
}
