import ApusCore
import Broker
import Testing

@Suite("Request durations")
struct RequestDurationsTests {
    private static func spent(handled: Int64?, answered: Int64, sent: Int64) -> [Int64] {
        let durations = RequestDurations(
            received: Instant(nanoseconds: 100), started: Instant(nanoseconds: 130),
            handled: handled.map { Instant(nanoseconds: $0) }, answered: Instant(nanoseconds: answered),
            sent: Instant(nanoseconds: sent))
        return [durations.queue, durations.local, durations.remote, durations.send].map(\.nanoseconds)
    }

    @Test("a request that its handler answers waits for nobody")
    func immediate() {
        #expect(Self.spent(handled: nil, answered: 170, sent: 175) == [30, 40, 0, 5])
    }

    @Test("a request that is answered after its handler returned waited for others")
    func waiting() {
        #expect(Self.spent(handled: 150, answered: 950, sent: 1000) == [30, 20, 800, 50])
    }

    @Test("a handler that returns after another thread has answered counts up to the answer")
    func race() {
        #expect(Self.spent(handled: 190, answered: 170, sent: 180) == [30, 40, 0, 10])
    }

    @Test("nothing is negative where clocks were read in another order")
    func neverNegative() {
        #expect(Self.spent(handled: 120, answered: 125, sent: 110) == [30, 0, 5, 0])
    }
}
