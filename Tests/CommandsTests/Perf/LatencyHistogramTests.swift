import ApusCore
import Commands
import Testing

@Suite struct LatencyHistogramTests {
    @Test func percentilesAreWithinAThirtySecond() {
        var histogram = LatencyHistogram()
        for milliseconds in 1...1000 { histogram.record(.milliseconds(Int64(milliseconds))) }
        for (fraction, expected) in [(0.5, 500.0), (0.95, 950.0), (0.999, 999.0)] {
            let found = Double(histogram.percentile(fraction).nanoseconds) / 1e6
            #expect(found >= expected && found <= expected * (1 + 1.0 / 32), "\(fraction)")
        }
        #expect(histogram.max == .milliseconds(1000))
        #expect(histogram.percentile(1) == .milliseconds(1000))
        #expect(histogram.mean == .microseconds(500_500))
    }

    @Test func smallValuesAreExactAndWeightsCount() {
        var histogram = LatencyHistogram()
        histogram.record(Interval(nanoseconds: 3), times: 99)
        histogram.record(Interval(nanoseconds: 31))
        #expect(histogram.percentile(0.99) == Interval(nanoseconds: 3))
        #expect(histogram.percentile(1) == Interval(nanoseconds: 31))
        #expect(histogram.count == 100)
    }

    @Test func theLongestPauseIsThatOfAPartitionWithWork() {
        var watch = PauseWatch()
        let start = Instant(nanoseconds: 0)
        watch.succeeded(0, began: start, now: start + .milliseconds(10))
        watch.succeeded(1, began: start, now: start + .milliseconds(12))
        // Partition 0 had nothing to do until 95.
        watch.succeeded(0, began: start + .milliseconds(95), now: start + .milliseconds(100))
        // Partition 1 has waited since its last success.
        watch.succeeded(1, began: start + .milliseconds(11), now: start + .milliseconds(102))
        #expect(watch.longest == .milliseconds(88))
        #expect(watch.longestOfPartition == .milliseconds(90))
    }
}
