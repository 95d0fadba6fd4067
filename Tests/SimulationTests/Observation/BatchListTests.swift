import ApusCore
import Simulation
import Testing

struct BatchListTests {
    private func batch(_ base: Int64, _ end: Int64, epoch: Int32 = 0) -> BatchDigest {
        BatchDigest(baseOffset: Offset(base), endOffset: Offset(end), epoch: LeaderEpoch(epoch), bytes: UInt64(base))
    }

    @Test("A batch is found by any offset in it, and none in a gap")
    func lookUp() {
        var list = BatchList()
        list.append(self.batch(0, 3))
        list.append(self.batch(5, 6))
        #expect(list.batch(at: 0) == self.batch(0, 3) && list.batch(at: 2) == self.batch(0, 3))
        #expect(list.batch(at: 3) == nil && list.batch(at: 5) == self.batch(5, 6) && list.batch(at: 6) == nil)
        #expect(list.endOffset == 6)
    }

    @Test("Truncation drops whole batches")
    func truncation() {
        var list = BatchList()
        list.append(self.batch(0, 3))
        list.append(self.batch(3, 6))
        list.truncate(to: 4)
        #expect(list.batches == [self.batch(0, 3)] && list.endOffset == 3)
        list.truncate(to: 0)
        #expect(list.batches.isEmpty && list.endOffset == 0)
    }
}
