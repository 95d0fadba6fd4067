import Chaos
import Testing

@Suite("Percentiles")
struct PercentilesTests {
    @Test("are the values at the nearest rank")
    func nearestRank() {
        var expected = Percentiles()
        (expected.count, expected.p50, expected.p90, expected.p99, expected.max) = (10, 5, 9, 10, 10)
        #expect(Percentiles((1...10).map(Double.init).reversed()) == expected)
    }

    @Test("of nothing are zeros")
    func empty() {
        #expect(Percentiles([]) == Percentiles())
    }

    @Test("a fault after which a partition never came back has no longest recovery")
    func recovery() {
        #expect(Recovery(fault: 0, seconds: [0.2, nil]).longest == nil)
        #expect(Recovery(fault: 0, seconds: [0.2, 0.4, 0]).longest == 0.4)
    }
}
