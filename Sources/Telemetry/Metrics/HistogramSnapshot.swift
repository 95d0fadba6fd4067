/// A histogram at one moment.
package struct HistogramSnapshot: Hashable, Sendable {
    package var unit: Histogram.Unit
    /// By bucket of `HistogramScale`.
    package var counts: [UInt64]
    package var sum: UInt64

    package var count: UInt64 { self.counts.reduce(0, &+) }

    /// The value that `fraction` (0...1) of all values do not exceed, to 1/16 of itself; nil where nothing was recorded.
    package func quantile(_ fraction: Double) -> UInt64? {
        precondition((0...1).contains(fraction), "a quantile is a fraction of all values")
        let total = self.count
        guard total > 0 else { return nil }
        let rank = max(1, UInt64((Double(total) * fraction).rounded(.up)))
        var seen: UInt64 = 0
        for (bucket, count) in self.counts.enumerated() {
            seen += count
            if seen >= rank { return HistogramScale.lastValue(of: bucket) }
        }
        return nil
    }

    /// How many values do not exceed `limit`, to 1/16 of the limit.
    package func count(upTo limit: UInt64) -> UInt64 {
        let last = HistogramScale.bucket(of: limit)
        return self.counts[0...last].reduce(0, &+)
    }
}
