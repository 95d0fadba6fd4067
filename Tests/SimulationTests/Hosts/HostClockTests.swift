import ApusCore
import Simulation
import Testing

struct HostClockTests {
    private let clock = HostClock(drift: -20, start: Instant(nanoseconds: 5_000_000_000), wallStart: 0)

    @Test func `a clock that shows a moment shows it at that moment`() {
        for nanoseconds in [0, 1, 999_999_999, 12_345_678_901] as [Int64] {
            let shown = self.clock.monotonic(at: Instant(nanoseconds: nanoseconds))
            #expect(self.clock.monotonic(at: self.clock.world(at: shown)) == shown)
        }
    }

    @Test func `what was before the world comes at its beginning, and what never comes never does`() {
        #expect(self.clock.world(at: Instant(nanoseconds: .min)) == Instant(nanoseconds: 0))
        #expect(self.clock.world(at: Instant(nanoseconds: 4_999_999_999)) == Instant(nanoseconds: 0))
        #expect(self.clock.world(at: .distantFuture) == .distantFuture)
    }
}
