import ApusCore
import Simulation
import Testing

struct StoredBitTests {
    /// Batches of so many bytes each, of which only the lengths matter.
    private func segment(_ sizes: [Int]) -> [UInt8] {
        var bytes: [UInt8] = []
        for size in sizes {
            var batch = [UInt8](repeating: 0, count: size)
            batch[10] = UInt8((size - 12) >> 8)
            batch[11] = UInt8((size - 12) & 255)
            bytes += batch
        }
        return bytes
    }

    @Test func `a bit is chosen where the checksum of a whole batch covers it`() {
        let segment = self.segment([70, 300, 61])
        var batches: Set<Int> = []
        for seed in UInt64(1)...200 {
            var random = SeededRandom(seed: seed)
            guard let bit = StoredBit.choose(in: segment + self.segment([90]).prefix(80), &random) else {
                Issue.record("seed \(seed) chooses none")
                continue
            }
            let base = bit.offset < 70 ? 0 : bit.offset < 370 ? 70 : 370
            batches.insert(base)
            #expect(bit.offset >= base + 17 && bit.offset < segment.count, "seed \(seed)")
            #expect(bit.mask.nonzeroBitCount == 1)
        }
        #expect(batches == [0, 70, 370])
    }

    @Test func `a bit that is read wrongly lies in the records of a batch and in what is read`() {
        let segment = self.segment([70, 300, 61])
        var random = SeededRandom(seed: 1)
        for _ in 0..<100 {
            let bit = StoredBit.choose(in: segment, within: 65..<140, &random)
            #expect(bit.map { 65..<70 ~= $0.offset || 131..<140 ~= $0.offset } ?? false)
        }
        #expect(StoredBit.choose(in: segment, within: 70..<131, &random) == nil)
        #expect(StoredBit.choose(in: segment, within: 370..<500, &random) == nil)
    }

    @Test func `there is no bit to choose where there is no whole batch`() {
        var random = SeededRandom(seed: 1)
        #expect(StoredBit.choose(in: [], &random) == nil)
        #expect(StoredBit.choose(in: [UInt8](self.segment([90]).prefix(89)), &random) == nil)
    }
}
