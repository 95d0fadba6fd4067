import ApusCore
import Replication
import Testing

/// What is owed to the disk holds acknowledgements back, and nothing else.
@Suite struct FlushTests {
    private static func completion(_ waiter: UInt64, _ error: ErrorCode = .noError) -> ProduceCompletion {
        ProduceCompletion(waiter: ProduceWaiterID(rawValue: waiter), error: error)
    }

    @Test("the high watermark waits for the leader's own flush, however many followers have the records")
    func highWatermark() {
        var fixture = ReplicaFixture.leader(isr: [1, 2])
        fixture.replica.flushOwed(upTo: 3)
        fixture.produce(1, to: 3)
        fixture.fetch(from: 2, at: 3)
        #expect(fixture.take() == expected())
        fixture.replica.flushed(upTo: 3, now: fixture.now, effects: &fixture.effects)
        #expect(fixture.take() == expected(highWatermark: 3, produces: [(1, .noError)]))
    }

    @Test("a flush that began earlier pays for what it covers")
    func partOfTheDebt() {
        var fixture = ReplicaFixture.leader(isr: [1, 2])
        fixture.replica.flushOwed(upTo: 3)
        fixture.produce(1, to: 3)
        fixture.replica.flushOwed(upTo: 5)
        fixture.produce(2, to: 5)
        fixture.fetch(from: 2, at: 5)
        fixture.replica.flushed(upTo: 3, now: fixture.now, effects: &fixture.effects)
        #expect(fixture.take() == expected(highWatermark: 3, produces: [(1, .noError)]))
        #expect(fixture.replica.isFlushOwed(upTo: 5) && !fixture.replica.isFlushOwed(upTo: 3))
        fixture.replica.flushed(upTo: 5, now: fixture.now, effects: &fixture.effects)
        #expect(fixture.take() == expected(highWatermark: 5, produces: [(2, .noError)]))
        #expect(fixture.replica.flushDebt == nil)
    }

    @Test("an append with acks=1 waits for the flush alone, until its deadline, and no longer than the leadership")
    func acksOne() {
        var fixture = ReplicaFixture.leader(isr: [1, 2])
        fixture.append(to: 1)
        fixture.awaitFlush(1, 1)
        #expect(fixture.take().completedProduces == [Self.completion(1)])
        fixture.replica.flushOwed(upTo: 3)
        fixture.append(to: 3)
        fixture.awaitFlush(2, 3)
        fixture.awaitFlush(3, 3, milliseconds: 10)
        fixture.tick(milliseconds: 20)
        #expect(fixture.take().completedProduces == [Self.completion(3, .requestTimedOut)])
        fixture.replica.flushed(upTo: 3, now: fixture.now, effects: &fixture.effects)
        #expect(fixture.take().completedProduces == [Self.completion(2)])
        fixture.replica.flushOwed(upTo: 4)
        fixture.append(to: 4)
        fixture.awaitFlush(4, 4)
        _ = fixture.assign(leader: 2, isr: [1, 2])
        #expect(fixture.take().completedProduces == [Self.completion(4, .notLeaderOrFollower)])
    }

    @Test("a follower that becomes leader still owes what it had not flushed, but for what it cut off")
    func afterAnElection() {
        var fixture = ReplicaFixture()
        _ = fixture.assign(leader: 2, isr: [1, 2])
        fixture.replica.flushOwed(upTo: 6)
        fixture.replica.replicated(endOffset: 6, leaderHighWatermark: 0, effects: &fixture.effects)
        fixture.replica.truncated(to: LogBounds(startOffset: 0, endOffset: 4), effects: &fixture.effects)
        #expect(fixture.replica.flushDebt == FlushDebt(durableEnd: 0, endOffset: 4))
        _ = fixture.assign(leader: 1, isr: [1, 2])
        _ = fixture.take()
        fixture.fetch(from: 2, at: 4, epoch: 2)
        #expect(fixture.take() == expected())
        fixture.replica.flushed(upTo: 4, now: fixture.now, effects: &fixture.effects)
        #expect(fixture.take().highWatermark == 4)
    }
}

extension ReplicaFixture {
    fileprivate mutating func awaitFlush(_ waiter: UInt64, _ offset: Offset, milliseconds: Int64 = 30_000) {
        self.replica.awaitFlush(
            ProduceWaiterID(rawValue: waiter), requiredOffset: offset,
            deadline: Instant(nanoseconds: 0) + .milliseconds(milliseconds), effects: &self.effects)
    }
}
