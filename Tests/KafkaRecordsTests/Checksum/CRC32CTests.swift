import ApusCore
import KafkaRecords
import Testing

@Suite("CRC-32C")
struct CRC32CTests {
    @Test("has the check value of the standard, from the library and from the table")
    func checkValue() {
        let digits = Array("123456789".utf8)
        digits.withUnsafeBytes { bytes in
            #expect(CRC32C.checksum(of: bytes) == 0xe306_9283)
            #expect(CRC32CTable.checksum(of: bytes) == 0xe306_9283)
        }
    }

    @Test("is the same from the table, whole or in two pieces", arguments: [0, 1, 7, 8, 9, 63, 64, 65, 1000])
    func pieces(count: Int) {
        var random = SeededRandom(seed: UInt64(count))
        let bytes = (0..<count).map { _ in UInt8.random(in: 0...255, using: &random) }
        bytes.withUnsafeBytes { all in
            let whole = CRC32C.checksum(of: all)
            #expect(CRC32CTable.checksum(of: all) == whole)
            let cut = count / 3
            let front = UnsafeRawBufferPointer(rebasing: all[..<cut])
            let back = UnsafeRawBufferPointer(rebasing: all[cut...])
            #expect(CRC32C.checksum(of: back, continuing: CRC32C.checksum(of: front)) == whole)
            #expect(CRC32CTable.checksum(of: back, continuing: CRC32CTable.checksum(of: front)) == whole)
        }
    }
}
