import ApusCore
import Replication
import Testing

@Suite struct FetchWaitersTests {
    private func wait(
        _ fixture: inout ReplicaFixture, _ waiter: UInt64, _ isolation: FetchIsolation, _ offset: Offset
    ) -> FetchWaitToken? {
        fixture.replica.awaitFetch(FetchWaiterID(rawValue: waiter), isolation: isolation, offset: offset)
    }

    @Test func eachEndWakesWhoWaitsBelowIt() {
        var fixture = ReplicaFixture.leader(isr: [1, 2])
        _ = self.wait(&fixture, 1, .logEnd, 0)
        _ = self.wait(&fixture, 2, .highWatermark, 0)
        _ = self.wait(&fixture, 3, .highWatermark, 4)
        _ = self.wait(&fixture, 4, .lastStable, 0)
        fixture.append(to: 5)
        #expect(fixture.take() == expected(fetches: [1]))
        fixture.fetch(from: 2, at: 4)
        #expect(fixture.take() == expected(highWatermark: 4, fetches: [2, 4]))
        fixture.fetch(from: 2, at: 5)
        #expect(fixture.take() == expected(highWatermark: 5, fetches: [3]))
        #expect(fixture.replica.fetchWaiters.count == 0)
    }

    @Test func aCancelledWaitIsNotWokenAndItsTokenStaysSpent() {
        var fixture = ReplicaFixture.leader()
        let first = self.wait(&fixture, 1, .logEnd, 0)
        #expect(first != nil)
        if let first { fixture.replica.cancelFetch(first) }
        _ = self.wait(&fixture, 2, .logEnd, 0)
        if let first { fixture.replica.cancelFetch(first) }
        fixture.append(to: 1)
        #expect(fixture.take() == expected(fetches: [2]))
        #expect(fixture.replica.fetchWaiters.count == 0)
    }

    @Test func aTruncationWakesEveryone() {
        var fixture = ReplicaFixture(logEnd: 5)
        _ = fixture.assign(leader: 2, isr: [2])
        _ = self.wait(&fixture, 1, .highWatermark, 5)
        fixture.replica.truncated(to: LogBounds(startOffset: 0, endOffset: 3), effects: &fixture.effects)
        #expect(fixture.take() == expected(fetches: [1]))
    }

    @Test func beyondTheCapacityAWaitIsRefused() {
        var fixture = ReplicaFixture.leader()
        for waiter in 0..<FetchWaiters.capacity {
            _ = self.wait(&fixture, UInt64(waiter), .logEnd, 0)
        }
        #expect(self.wait(&fixture, 1, .logEnd, 0) == nil)
        fixture.append(to: 1)
        #expect(fixture.take().wokenFetches.count == FetchWaiters.capacity)
        #expect(self.wait(&fixture, 1, .logEnd, 1) != nil)
    }

    @Test func aRandomHistoryWakesExactlyWhoAModelWakes() {
        var random = SeededRandom(seed: 11)
        var fixture = ReplicaFixture.leader()
        var live: [(id: UInt64, offset: Int64, token: FetchWaitToken)] = []
        var end: Int64 = 0
        for id in UInt64(1)...3000 {
            switch Int.random(in: 0..<10, using: &random) {
            case 0..<6:
                let offset = end + Int64.random(in: 0...6, using: &random)
                if let token = self.wait(&fixture, id, .logEnd, Offset(offset)) { live.append((id, offset, token)) }
            case 6..<8:
                guard let index = live.indices.randomElement(using: &random) else { continue }
                fixture.replica.cancelFetch(live.remove(at: index).token)
            default:
                end += Int64.random(in: 0...3, using: &random)
                fixture.append(to: Offset(end))
                #expect(fixture.take() == expected(fetches: live.filter { $0.offset < end }.map(\.id)))
                live.removeAll { $0.offset < end }
            }
        }
        #expect(fixture.replica.fetchWaiters.count == live.count)
    }
}
