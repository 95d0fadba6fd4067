import ApusCore
import Telemetry
import Testing

@Suite("Histograms")
struct HistogramTests {
    @Test("buckets follow each other without gaps, and each is at most a sixteenth of its values wide")
    func buckets() {
        #expect(HistogramScale.bucket(of: 0) == 0)
        #expect(HistogramScale.bucket(of: .max) == HistogramScale.bucketCount - 1)
        #expect(HistogramScale.lastValue(of: HistogramScale.bucketCount - 1) == .max)
        for bucket in 0..<(HistogramScale.bucketCount - 1) {
            let last = HistogramScale.lastValue(of: bucket)
            #expect(HistogramScale.bucket(of: last) == bucket)
            #expect(HistogramScale.bucket(of: last + 1) == bucket + 1)
            let width = HistogramScale.lastValue(of: bucket + 1) - last
            #expect(width == 1 || width <= (last + 1) / 16)
        }
    }

    @Test("quantiles are those of the values, to a sixteenth")
    func quantiles() throws {
        let seed: UInt64 = 42
        var random = SeededRandom(seed: seed)
        let histogram = Histogram(unit: .seconds)
        var values: [UInt64] = []
        for _ in 0..<10_000 {
            let value = random.next() >> UInt64.random(in: 20...60, using: &random)
            values.append(value)
            histogram.record(value)
        }
        values.sort()
        let snapshot = histogram.snapshot
        #expect(snapshot.count == 10_000)
        #expect(snapshot.sum == values.reduce(0, &+))
        for fraction in [0, 0.5, 0.9, 0.99, 0.999, 1] {
            let exact = values[max(0, Int((10_000 * fraction).rounded(.up)) - 1)]
            let found = try #require(snapshot.quantile(fraction))
            #expect(found >= exact && found - exact <= exact / 16 + 1, "seed \(seed), quantile \(fraction)")
        }
        #expect(Histogram(unit: .count).snapshot.quantile(0.5) == nil)
    }

    @Test("threads lose nothing")
    func threads() async {
        let histogram = Histogram(unit: .bytes)
        await withTaskGroup(of: Void.self) { group in
            for _ in 0..<4 {
                group.addTask { for value in 0..<10_000 { histogram.record(value) } }
            }
        }
        #expect(histogram.snapshot.count == 40_000)
        #expect(histogram.snapshot.sum == 4 * 49_995_000)
    }
}
