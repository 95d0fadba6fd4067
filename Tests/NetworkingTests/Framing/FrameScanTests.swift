import Networking
import Testing

@Suite("Frame scan")
struct FrameScanTests {
    private func scan(_ bytes: [UInt8], limit: Int = 1000) -> FrameScan {
        bytes.withUnsafeBytes { FrameScan($0, limit: limit) }
    }

    @Test("every prefix of two frames is told apart")
    func prefixes() {
        let bytes: [UInt8] = [0, 0, 0, 3, 1, 2, 3, 0, 0, 0, 0]
        for count in 0..<4 { #expect(self.scan(Array(bytes[..<count])) == .incomplete(total: 4)) }
        for count in 4..<7 { #expect(self.scan(Array(bytes[..<count])) == .incomplete(total: 7)) }
        for count in 7...bytes.count { #expect(self.scan(Array(bytes[..<count])) == .frame(4..<7)) }
        #expect(self.scan(Array(bytes[7...])) == .frame(4..<4))
    }

    @Test("a length that is negative or beyond the limit is refused before its bytes are waited for")
    func refused() {
        #expect(self.scan([0xff, 0xff, 0xff, 0xff]) == .refused(.negativeLength(-1)))
        #expect(self.scan([0x80, 0, 0, 0]) == .refused(.negativeLength(-2_147_483_648)))
        #expect(self.scan([0, 0, 3, 0xe8]) == .incomplete(total: 1004))
        #expect(self.scan([0, 0, 3, 0xe9]) == .refused(.tooLarge(length: 1001, limit: 1000)))
    }
}
