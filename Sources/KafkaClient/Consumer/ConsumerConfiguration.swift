package import ApusCore

/// How a consumer reads; the names are those of Kafka's consumer configuration.
package struct ConsumerConfiguration: Sendable {
    /// Where reading goes on when the position is not in the log (any more): `auto.offset.reset`.
    package enum Reset: Hashable, Sendable {
        case earliest
        case latest
        /// It does not: the handler is told.
        case none
    }

    /// `fetch.min.bytes`.
    package var bytesMin: Int32 = 1
    /// `fetch.max.bytes`.
    package var bytesMax: Int32 = 50 << 20
    /// `max.partition.fetch.bytes`.
    package var partitionBytesMax: Int32 = 1 << 20
    /// `fetch.max.wait.ms`.
    package var waitMax = Interval.milliseconds(500)
    /// `client.rack`: with it, replicas in the same rack may be read from (KIP-392).
    package var rack = ""
    /// Only what is committed: `isolation.level`.
    package var readsCommitted = false
    package var reset = Reset.earliest
    /// `check.crcs`.
    package var checksCRCs = true
    /// The wait before a refused fetch is sent again: `retry.backoff.ms`.
    package var retryBackoff = Interval.milliseconds(20)

    package init() {}
}

/// Where reading a partition begins.
package enum StartPosition: Hashable, Sendable {
    case earliest
    /// After the last record at the time of asking.
    case latest
    case offset(Offset)
    /// At the first record with this time or a later one.
    case timestamp(Timestamp)
}
