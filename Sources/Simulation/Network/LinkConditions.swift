package import ApusCore

/// How bytes travel one way between two machines.
package struct LinkConditions: Hashable, Sendable {
    /// What every byte takes at least.
    package var latency: Interval
    /// At most so much is added, drawn for every piece.
    package var jitter: Interval
    /// Bytes in a second; 0 for no limit.
    package var bandwidth: Int64
    /// Nothing passes while this is above zero: so many faults cut the link.
    package internal(set) var cuts = 0

    package init(latency: Interval, jitter: Interval, bandwidth: Int64 = 0) {
        self.latency = latency
        self.jitter = jitter
        self.bandwidth = bandwidth
    }

    package var isCut: Bool { self.cuts > 0 }
}
