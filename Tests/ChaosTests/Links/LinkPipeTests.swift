import ApusCore
import Chaos
import Testing

@Suite("One direction of a link")
struct LinkPipeTests {
    private static func pass(
        _ pipe: inout LinkPipe, at milliseconds: Int64, rate: Int? = nil, takes limit: Int = .max
    ) -> [UInt8] {
        var passed: [UInt8] = []
        pipe.pass(now: Instant(nanoseconds: milliseconds * 1_000_000), bytesPerSecond: rate) { bytes in
            let taken = min(bytes.count, limit - passed.count)
            passed += bytes.prefix(taken)
            return taken
        }
        return passed
    }

    @Test("keeps bytes for the latency and passes them on in their order")
    func latency() {
        var pipe = LinkPipe()
        pipe.append([1, 2], now: Instant(nanoseconds: 0), latency: .milliseconds(50))
        pipe.append([3], now: Instant(nanoseconds: 10_000_000), latency: .milliseconds(50))
        #expect(Self.pass(&pipe, at: 49) == [])
        #expect(Self.pass(&pipe, at: 50) == [1, 2])
        #expect(pipe.due == Instant(nanoseconds: 60_000_000))
        #expect(Self.pass(&pipe, at: 60) == [3])
        #expect(pipe.isEmpty && pipe.due == nil)
    }

    @Test("does not let bytes overtake others when the latency falls")
    func order() {
        var pipe = LinkPipe()
        pipe.append([1], now: Instant(nanoseconds: 0), latency: .milliseconds(50))
        pipe.append([2], now: Instant(nanoseconds: 1), latency: .zero)
        #expect(Self.pass(&pipe, at: 1) == [])
        #expect(Self.pass(&pipe, at: 50) == [1, 2])
    }

    @Test("goes on where a full socket stopped")
    func partial() {
        var pipe = LinkPipe()
        pipe.append([1, 2, 3], now: Instant(nanoseconds: 0), latency: .zero)
        #expect(Self.pass(&pipe, at: 0, takes: 2) == [1, 2])
        #expect(pipe.byteCount == 1)
        #expect(Self.pass(&pipe, at: 0) == [3])
    }

    @Test("passes no more than the bandwidth")
    func bandwidth() {
        var pipe = LinkPipe()
        pipe.append([UInt8](repeating: 7, count: 1000), now: Instant(nanoseconds: 0), latency: .zero)
        var passed = 0
        for moment in stride(from: Int64(0), through: 500, by: 1) {
            passed += Self.pass(&pipe, at: moment, rate: 1000).count
        }
        #expect((400...600).contains(passed))
    }
}
