package import ApusCore

/// What a broker does with its logs beyond what topics say.
package struct BrokerLogConfiguration: Hashable, Sendable {
    package var directories: [String]
    package var cordonedDirectories: [String]
    package var recoveryThreadsPerDirectory: Int
    package var retentionCheckInterval: Interval
    package var flushCheckInterval: Interval
    package var recoveryCheckpointInterval: Interval
    package var startOffsetCheckpointInterval: Interval
    package var initialTaskDelay: Interval
    package var directoryFailureTimeout: Interval
    /// How long folders of partitions that the broker does not have are kept; nil for ever.
    package var strayDeleteDelay: Interval?
    package var producerExpiration: Interval
    package var producerExpirationCheckInterval: Interval
    package var cleanerEnable: Bool
    package var cleanerThreads: Int
    /// Bytes for the keys of all cleaner threads.
    package var cleanerDedupeBufferBytes: Int64
    package var cleanerBytesPerSecondMax: Double
    package var cleanerBackoff: Interval

    init(_ settings: ConfigSettings, directories: [String]) {
        self.directories = directories
        self.cordonedDirectories = settings.list("cordoned.log.dirs")
        self.recoveryThreadsPerDirectory = settings.int("num.recovery.threads.per.data.dir")
        self.retentionCheckInterval = settings.interval("log.retention.check.interval.ms")
        self.flushCheckInterval = settings.interval("log.flush.scheduler.interval.ms")
        self.recoveryCheckpointInterval = settings.interval("log.flush.offset.checkpoint.interval.ms")
        self.startOffsetCheckpointInterval = settings.interval("log.flush.start.offset.checkpoint.interval.ms")
        self.initialTaskDelay = settings.interval("log.initial.task.delay.ms")
        self.directoryFailureTimeout = settings.interval("log.dir.failure.timeout.ms")
        let strayDelay = settings.integer("apus.log.stray.delete.delay.ms")
        self.strayDeleteDelay = strayDelay < 0 ? nil : .milliseconds(strayDelay)
        self.producerExpiration = settings.interval("producer.id.expiration.ms")
        self.producerExpirationCheckInterval = settings.interval("producer.id.expiration.check.interval.ms")
        self.cleanerEnable = settings.boolean("log.cleaner.enable")
        self.cleanerThreads = settings.int("log.cleaner.threads")
        self.cleanerDedupeBufferBytes = settings.integer("log.cleaner.dedupe.buffer.size")
        self.cleanerBytesPerSecondMax = settings.double("log.cleaner.io.max.bytes.per.second")
        self.cleanerBackoff = settings.interval("log.cleaner.backoff.ms")
    }
}
