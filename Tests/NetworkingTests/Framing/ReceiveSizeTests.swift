import Networking
import Testing

@Suite("Receive size")
struct ReceiveSizeTests {
    @Test("full reads grow it to a mebibyte, and a lasting trickle shrinks it again")
    func growth() {
        var size = ReceiveSize()
        var seen = [size.bytes]
        for _ in 0..<5 {
            size.received(size.bytes, offered: size.bytes)
            seen.append(size.bytes)
        }
        #expect(seen == [16_384, 65_536, 262_144, 1_048_576, 1_048_576, 1_048_576])
        for _ in 0..<ReceiveSize.smallReadsMax - 1 { size.received(100, offered: size.bytes) }
        #expect(size.bytes == 1_048_576)
        size.received(100, offered: size.bytes)
        #expect(size.bytes == 262_144)
        for _ in 0..<ReceiveSize.smallReadsMax * 3 { size.received(100, offered: size.bytes) }
        #expect(size.bytes == ReceiveSize.smallest)
    }

    @Test("one larger read among small ones keeps it, a full read of a small rest does not grow it")
    func steady() {
        var size = ReceiveSize()
        size.received(size.bytes, offered: size.bytes)
        for _ in 0..<10 {
            for _ in 0..<ReceiveSize.smallReadsMax - 1 { size.received(100, offered: size.bytes) }
            size.received(40_000, offered: size.bytes)
        }
        size.received(1_000, offered: 1_000)
        #expect(size.bytes == 65_536)
    }
}
