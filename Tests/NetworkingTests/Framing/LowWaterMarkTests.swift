import Networking
import Testing

@Suite("Low water mark")
struct LowWaterMarkTests {
    @Test("never more than what is missing of the frame is waited for")
    func neverTooMuch() {
        for missing in [0, 1, 4, 65_535, 65_536, 262_143, 262_144, 262_145, 100_000_000] {
            let bytes = LowWaterMark.bytes(missing: missing)
            #expect(bytes >= 1)
            #expect(bytes <= max(1, missing))
            #expect(bytes <= LowWaterMark.largest)
        }
    }

    @Test("small frames are read as they come")
    func small() {
        #expect(LowWaterMark.bytes(missing: LowWaterMark.smallest - 1) == LowWaterMark.anything)
        #expect(LowWaterMark.bytes(missing: LowWaterMark.smallest) == LowWaterMark.smallest)
    }
}
