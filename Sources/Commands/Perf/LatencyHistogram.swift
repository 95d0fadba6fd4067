package import ApusCore

/// How long things took: counts in buckets that are 1/32 of their value wide. Pure.
package struct LatencyHistogram: Hashable, Sendable {
    private var counts: [Int]
    package private(set) var count = 0
    package private(set) var max = Interval.zero
    private var sum: Double = 0

    private static let subBits = 5
    private static let subBuckets = 1 << LatencyHistogram.subBits

    package init() {
        self.counts = Array(repeating: 0, count: (64 - Self.subBits + 1) * Self.subBuckets)
    }

    /// Takes `times` events that took `interval` each.
    package mutating func record(_ interval: Interval, times: Int = 1) {
        let value = UInt64(Swift.max(0, interval.nanoseconds))
        self.counts[Self.bucket(of: value)] += times
        self.count += times
        self.sum += Double(value) * Double(times)
        self.max = Swift.max(self.max, interval)
    }

    package var mean: Interval { Interval(nanoseconds: self.count == 0 ? 0 : Int64(self.sum / Double(self.count))) }

    /// What the fraction (0 to 1) of events did not take longer than, to within 1/32.
    package func percentile(_ fraction: Double) -> Interval {
        let wanted = Int((fraction * Double(self.count)).rounded(.up))
        var seen = 0
        for (bucket, count) in self.counts.enumerated() where count > 0 {
            seen += count
            if seen >= wanted { return min(self.max, Interval(nanoseconds: Int64(Self.upperBound(of: bucket)))) }
        }
        return self.max
    }

    private static func bucket(of value: UInt64) -> Int {
        guard value >= UInt64(self.subBuckets) else { return Int(value) }
        let exponent = 63 - value.leadingZeroBitCount
        let shift = exponent - self.subBits
        return (shift + 1) * self.subBuckets + Int((value >> UInt64(shift)) & UInt64(self.subBuckets - 1))
    }

    private static func upperBound(of bucket: Int) -> UInt64 {
        guard bucket >= self.subBuckets else { return UInt64(bucket) }
        let shift = bucket / self.subBuckets - 1
        let low = UInt64(self.subBuckets + bucket % self.subBuckets) << UInt64(shift)
        return low + (UInt64(1) << UInt64(shift)) - 1
    }
}
