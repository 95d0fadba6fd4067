import ApusCore
import LogStorage
import Testing

@Suite("The leader epochs of a log")
struct LeaderEpochCacheTests {
    private func cache(_ entries: [(Int32, Int64)]) throws -> LeaderEpochCache {
        try #require(
            LeaderEpochCache(
                entries.map { LeaderEpochCache.Entry(epoch: LeaderEpoch($0.0), startOffset: Offset($0.1)) }))
    }

    @Test(
        "an epoch ends where the next one begins, and the latest at the log's end",
        arguments: [
            (-1, -1, -1), (1, 1, 0), (2, 2, 10), (3, 2, 10), (5, 5, 30), (6, 5, 30), (7, 7, 50), (8, -1, -1),
        ] as [(Int32, Int32, Int64)])
    func ends(asked: Int32, epoch: Int32, endOffset: Int64) throws {
        let cache = try self.cache([(2, 0), (5, 10), (7, 30)])
        #expect(
            cache.end(of: LeaderEpoch(asked), logEndOffset: 50)
                == LeaderEpochCache.EpochEnd(epoch: LeaderEpoch(epoch), endOffset: Offset(endOffset)))
    }

    @Test("entries that contradict a new one go")
    func assign() throws {
        var cache = try self.cache([(1, 0), (2, 10), (3, 20)])
        let isChangedByKnown = cache.assign(3, at: 25)
        #expect(isChangedByKnown == false)
        let isChanged = cache.assign(4, at: 10)
        #expect(isChanged)
        #expect(try cache == self.cache([(1, 0), (4, 10)]))
    }

    @Test("a truncation forgets the epochs behind it, and a new start those before it")
    func truncate() throws {
        var cache = try self.cache([(1, 0), (2, 10), (3, 20)])
        let isCut = cache.truncate(to: 20)
        #expect(isCut)
        #expect(try cache == self.cache([(1, 0), (2, 10)]))
        let isMoved = cache.truncate(before: 12)
        #expect(isMoved)
        #expect(try cache == self.cache([(2, 12)]))
        let isMovedAgain = cache.truncate(before: 12)
        #expect(isMovedAgain == false)
    }

    @Test("entries that do not ascend are refused")
    func refused() {
        let entries = [
            LeaderEpochCache.Entry(epoch: 2, startOffset: 0), LeaderEpochCache.Entry(epoch: 1, startOffset: 5),
        ]
        #expect(LeaderEpochCache(entries) == nil)
    }
}
