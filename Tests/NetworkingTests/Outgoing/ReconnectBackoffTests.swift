import ApusCore
import Networking
import Testing

@Suite("Reconnect backoff")
struct ReconnectBackoffTests {
    @Test("waits double up to the maximum, within a fifth, and start over after a connection", arguments: 0..<10)
    func growth(seed: UInt64) {
        var random = SeededRandom(seed: seed)
        var backoff = ReconnectBackoff()
        for expected in [50, 100, 200, 400, 800, 1000, 1000] as [Int64] {
            let wait = backoff.failed(using: &random)
            #expect(wait >= .milliseconds(expected * 4 / 5) && wait <= .milliseconds(expected * 6 / 5), "seed \(seed)")
        }
        backoff.connected()
        #expect(backoff.failed(using: &random) <= .milliseconds(60))
    }

    @Test("no number of failures overflows")
    func manyFailures() {
        var random = SeededRandom(seed: 1)
        var backoff = ReconnectBackoff(initial: .seconds(3600), maximum: Interval(nanoseconds: .max / 2))
        for _ in 0..<100 { #expect(backoff.failed(using: &random) > .zero) }
    }
}
