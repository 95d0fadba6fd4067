package import ApusCore

/// How long to wait before the next attempt to connect: twice as long after every failure, up to a maximum, and spread
/// by a fifth to both sides so that many clients do not come at once. Pure.
///
/// Source: Kafka's `reconnect.backoff.ms` and `reconnect.backoff.max.ms`.
package struct ReconnectBackoff: Hashable, Sendable {
    package let initial: Interval
    package let maximum: Interval
    package private(set) var failures = 0

    package init(initial: Interval = .milliseconds(50), maximum: Interval = .milliseconds(1000)) {
        self.initial = initial
        self.maximum = max(initial, maximum)
    }

    /// An attempt failed, or a connection was lost: the wait before the next attempt.
    package mutating func failed(using random: inout some RandomNumberGenerator) -> Interval {
        let doublings = min(self.failures, 32)
        self.failures = min(self.failures + 1, 1_000_000)
        let (scaled, overflow) = self.initial.nanoseconds.multipliedReportingOverflow(by: Int64(1) << doublings)
        let wait = overflow ? self.maximum.nanoseconds : min(scaled, self.maximum.nanoseconds)
        let spread = wait / 5
        return Interval(nanoseconds: wait + (spread == 0 ? 0 : Int64.random(in: -spread...spread, using: &random)))
    }

    /// A connection was made: the next failure waits the least again.
    package mutating func connected() {
        self.failures = 0
    }
}
