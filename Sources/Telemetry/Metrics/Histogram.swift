package import ApusCore
import Synchronization

/// How often values of every size were seen. Any thread may record; recording takes no lock and no memory.
///
/// Values are whole numbers: nanoseconds where the unit is seconds, else what they are (bytes, records).
package final class Histogram: Sendable {
    package enum Unit: Hashable, Sendable {
        /// Nanoseconds are recorded, seconds are shown.
        case seconds
        case bytes
        case count
    }

    package let unit: Unit
    private let sum = Atomic<UInt64>(0)
    // The memory is allocated in `init`, freed in `deinit`, never moved, and only reached through atomic operations.
    private nonisolated(unsafe) let buckets: UnsafeMutablePointer<Atomic<UInt64>>

    package init(unit: Unit) {
        self.unit = unit
        self.buckets = .allocate(capacity: HistogramScale.bucketCount)
        for index in 0..<HistogramScale.bucketCount {
            (self.buckets + index).initialize(to: Atomic<UInt64>(0))
        }
    }

    deinit {
        self.buckets.deinitialize(count: HistogramScale.bucketCount)
        self.buckets.deallocate()
    }

    package func record(_ value: UInt64) {
        self.buckets[HistogramScale.bucket(of: value)].wrappingAdd(1, ordering: .relaxed)
        self.sum.wrappingAdd(value, ordering: .relaxed)
    }

    /// Records a size; a negative one counts as 0.
    package func record(_ value: Int) {
        self.record(UInt64(max(0, value)))
    }

    /// Records a duration; a negative one counts as 0.
    package func record(_ interval: Interval) {
        precondition(self.unit == .seconds, "only a histogram of seconds takes an interval")
        self.record(UInt64(max(0, interval.nanoseconds)))
    }

    /// What was recorded so far. Values recorded meanwhile may be missing from the sum or from the buckets.
    package var snapshot: HistogramSnapshot {
        let counts = (0..<HistogramScale.bucketCount).map { self.buckets[$0].load(ordering: .relaxed) }
        return HistogramSnapshot(unit: self.unit, counts: counts, sum: self.sum.load(ordering: .relaxed))
    }
}
