import ApusCore
import Replication
import Testing

/// A fetcher from broker 9, and the transitions of its partitions.
@Suite struct FollowerFetchStateTests {
    private var state = FollowerFetchState(
        leader: 9,
        policy: FollowerFetchPolicy(
            backoff: .milliseconds(250), firstBackoff: .milliseconds(100), patience: .milliseconds(20),
            partitionBytesMax: 1000))
    private var request = FollowerFetchRequest()
    private let start = Instant(nanoseconds: 0)

    private func key(_ index: Int32) -> TopicIDPartition {
        TopicIDPartition(topicID: TopicID(KafkaUUID(high: 1, low: 2)), partition: PartitionIndex(index))
    }

    private func position(
        _ offset: Offset, epoch: LeaderEpoch = 1, last: LeaderEpoch? = 1, start: Offset = 0
    ) -> FollowerPosition {
        FollowerPosition(leaderEpoch: epoch, fetchOffset: offset, lastFetchedEpoch: last, logStartOffset: start)
    }

    @discardableResult
    private mutating func add(
        _ index: Int32, end: Offset, epoch: LeaderEpoch = 1, latest: LeaderEpoch? = 1, highWatermark: Offset = 0
    ) -> FollowerTruncation {
        self.state.add(
            self.key(index), leaderEpoch: epoch, log: LogBounds(startOffset: 0, endOffset: end), latestEpoch: latest,
            highWatermark: highWatermark)
    }

    /// The partitions of the next request and what it forgets, or `nil` where there is none.
    private mutating func next(milliseconds: Int64 = 0) -> FollowerFetchRequest? {
        let hasRequest = self.state.nextFetch(now: self.start + .milliseconds(milliseconds), into: &self.request)
        return hasRequest ? self.request : nil
    }

    private func request(
        _ session: (Int32, Int32), _ partitions: [(Int32, FollowerPosition)], forgotten: [Int32] = [],
        waitMax: Interval? = nil
    ) -> FollowerFetchRequest {
        var request = FollowerFetchRequest()
        request.waitMax = waitMax
        request.session = FetchSessionMetadata(sessionID: session.0, epoch: session.1)
        request.partitions = partitions.map { .init(partition: self.key($0.0), position: $0.1, bytesMax: 1000) }
        request.forgotten = forgotten.map { self.key($0) }
        return request
    }

    private mutating func respond(_ count: Int, session: Int32 = 5, error: ErrorCode = .noError) -> Bool {
        self.state.responded(error: error, sessionID: session, partitionCount: count, now: self.start)
    }

    private mutating func answer(
        _ index: Int32, error: ErrorCode = .noError, diverging: EpochEndOffset? = nil
    ) -> FollowerDecision {
        self.state.answered(
            LeaderFetchAnswer(partition: self.key(index), error: error, divergingEpoch: diverging), now: self.start)
    }

    /// Partitions 1 and 2 at offset 10 in session 5.
    private mutating func openSession() {
        self.add(1, end: 10)
        self.add(2, end: 10)
        #expect(self.next() == self.request((0, 0), [(1, self.position(10)), (2, self.position(10))]))
        #expect(self.respond(2) == true)
    }

    @Test mutating func whatHasToBeOnTheDiskIsNotAcknowledgedBefore() {
        self.openSession()
        #expect(self.answer(1) == .append(at: 10, leaderEpoch: 1))
        self.state.flushing(self.key(1), leaderEpoch: 1)
        self.state.flushed(self.key(1), leaderEpoch: 0, endOffset: 12, latestEpoch: 1)
        #expect(self.next() == nil)
        self.state.flushed(self.key(1), leaderEpoch: 1, endOffset: 12, latestEpoch: 1)
        #expect(self.next() == self.request((5, 1), [(1, self.position(12))]))
    }

    @Test mutating func aSlowDiskKeepsTheOtherPartitionsForAShortTimeOnly() {
        self.openSession()
        #expect(self.answer(1) == .append(at: 10, leaderEpoch: 1))
        self.state.flushing(self.key(1), leaderEpoch: 1)
        #expect(self.next(milliseconds: 5) == nil)
        #expect(self.state.wakeUp == self.start + .milliseconds(25))
        #expect(self.next(milliseconds: 24) == nil)
        let wait = Interval.milliseconds(20)
        #expect(self.next(milliseconds: 25) == self.request((5, 1), [], forgotten: [1], waitMax: wait))
        #expect(self.respond(0) == true)
        #expect(self.next(milliseconds: 45) == nil)
        #expect(self.next(milliseconds: 65) == self.request((5, 2), [], waitMax: wait))
        #expect(self.respond(0) == true)
        self.state.flushed(self.key(1), leaderEpoch: 1, endOffset: 12, latestEpoch: 1)
        #expect(self.next(milliseconds: 66) == self.request((5, 3), [(1, self.position(12))]))
        #expect(self.state.wakeUp == nil)
    }

    @Test mutating func aRemovedPartitionIsNotWaitedFor() {
        self.openSession()
        #expect(self.answer(1) == .append(at: 10, leaderEpoch: 1))
        self.state.flushing(self.key(1), leaderEpoch: 1)
        #expect(self.next() == nil)
        self.state.remove(self.key(1))
        #expect(self.next() == self.request((5, 1), [], forgotten: [1]))
    }

    @Test mutating func onlyWhatChangedIsSentWithinASession() {
        self.openSession()
        #expect(self.answer(1) == .append(at: 10, leaderEpoch: 1))
        self.state.appended(self.key(1), leaderEpoch: 1, endOffset: 15, latestEpoch: 1)
        #expect(self.answer(2) == .append(at: 10, leaderEpoch: 1))
        self.state.appended(self.key(2), leaderEpoch: 1, endOffset: 10, latestEpoch: 1)
        #expect(self.next() == self.request((5, 1), [(1, self.position(15))]))
        #expect(self.next() == nil)
        #expect(self.respond(0) == true)
        #expect(self.next() == self.request((5, 2), []))
    }

    @Test mutating func aRemovedPartitionIsForgottenAndOneThatComesBackIsNot() {
        self.openSession()
        self.state.remove(self.key(1))
        self.state.remove(self.key(2))
        self.add(2, end: 12, epoch: 2)
        #expect(self.next() == self.request((5, 1), [(2, self.position(12, epoch: 2))], forgotten: [1]))
        #expect(self.respond(1) == true)
        self.state.remove(self.key(2))
        #expect(self.next() == self.request((5, 2), [], forgotten: [2]))
        #expect(self.respond(0, session: 0) == true)
        #expect(self.next() == nil)
        #expect(self.state.isEmpty)
    }

    @Test mutating func anAnswerToAnEarlierPositionIsIgnored() {
        self.openSession()
        #expect(self.next() == self.request((5, 1), []))
        self.add(1, end: 10, epoch: 2)
        #expect(self.respond(2) == true)
        #expect(self.answer(1) == .ignore)
        #expect(self.answer(2) == .append(at: 10, leaderEpoch: 1))
        #expect(self.answer(3) == .ignore)
    }

    @Test mutating func anOlderEpochDoesNotReplaceANewerOne() {
        self.add(1, end: 10, epoch: 3)
        self.add(1, end: 4, epoch: 2)
        self.add(1, end: 4, epoch: 3)
        #expect(self.state.partition(self.key(1))?.position == self.position(10, epoch: 3))
    }

    @Test mutating func divergingEpochsCutTheLogBeforeItIsFetchedAgain() {
        self.openSession()
        let end = EpochEndOffset(leaderEpoch: 0, endOffset: 7)
        #expect(self.answer(1, diverging: end) == .truncate(end, leaderEpoch: 1))
        #expect(self.state.partition(self.key(1))?.state == .truncating)
        #expect(self.next() == nil)
        self.state.truncated(
            self.key(1), leaderEpoch: 1, log: LogBounds(startOffset: 0, endOffset: 7), latestEpoch: 0)
        #expect(self.next() == self.request((5, 1), [(1, self.position(7, last: 0))]))
    }

    @Test mutating func aLogOlderThanEpochsIsCutToItsHighWatermark() {
        #expect(self.add(1, end: 10, latest: nil, highWatermark: 6) == .truncate(to: 6))
        #expect(self.next() == nil)
        self.state.truncated(
            self.key(1), leaderEpoch: 1, log: LogBounds(startOffset: 0, endOffset: 6), latestEpoch: nil)
        #expect(self.next() == self.request((0, 0), [(1, self.position(6, last: nil))]))
        #expect(self.add(2, end: 10, latest: nil, highWatermark: 10) == .none)
    }

    @Test mutating func anErrorDelaysItsPartitionOnly() {
        self.openSession()
        #expect(self.answer(1, error: .unknownLeaderEpoch) == .backOff(until: self.start + .milliseconds(100)))
        #expect(self.answer(2) == .append(at: 10, leaderEpoch: 1))
        #expect(self.state.wakeUp == self.start + .milliseconds(100))
        // The leader holds its answer no longer than the partition rests.
        #expect(
            self.next(milliseconds: 40) == self.request((5, 1), [], forgotten: [1], waitMax: .milliseconds(60)))
        #expect(self.respond(0) == true)
        #expect(self.next(milliseconds: 100) == self.request((5, 2), [(1, self.position(10))]))
        #expect(self.state.wakeUp == nil)
    }

    @Test mutating func restsGrowWithErrorsInARowAndStartAnewAfterAnAppend() {
        self.openSession()
        for (at, until) in [(0, 100), (100, 300), (300, 550)] as [(Int64, Int64)] {
            let decision = self.state.answered(
                LeaderFetchAnswer(partition: self.key(1), error: .unknownLeaderEpoch),
                now: self.start + .milliseconds(at))
            #expect(decision == .backOff(until: self.start + .milliseconds(until)))
            _ = self.next(milliseconds: until)
            #expect(self.respond(1) == true)
        }
        self.state.appended(self.key(1), leaderEpoch: 1, endOffset: 10, latestEpoch: 1)
        #expect(self.answer(1, error: .unknownLeaderEpoch) == .backOff(until: self.start + .milliseconds(100)))
    }

    @Test mutating func aFailedAppendIsFetchedAgainFromWhereTheLogEndsNow() {
        self.openSession()
        #expect(self.answer(1) == .append(at: 10, leaderEpoch: 1))
        self.state.appendFailed(
            self.key(1), leaderEpoch: 1, log: LogBounds(startOffset: 0, endOffset: 12), latestEpoch: 1, now: self.start)
        #expect(self.next() == self.request((5, 1), [], forgotten: [1], waitMax: .milliseconds(100)))
        #expect(self.respond(0) == true)
        #expect(self.next(milliseconds: 100) == self.request((5, 2), [(1, self.position(12))]))
    }

    @Test mutating func aFencedPartitionIsFetchedNoLonger() {
        self.openSession()
        #expect(self.answer(1, error: .fencedLeaderEpoch) == .remove)
        #expect(self.next() == self.request((5, 1), [], forgotten: [1]))
        #expect(self.state.partition(self.key(1)) == nil)
    }

    @Test mutating func aPositionOutOfRangeAsksTheLeaderForItsEnds() {
        self.openSession()
        let log = LogBounds(startOffset: 4, endOffset: 10)
        func received(_ earliest: Offset, _ latest: Offset) -> FollowerTruncation {
            var copy = self.state
            return copy.leaderOffsetsReceived(
                self.key(1), leaderEpoch: 1, earliest: earliest, latest: latest, log: log, latestEpoch: 1)
        }
        #expect(self.answer(1, error: .offsetOutOfRange) == .queryLeaderOffsets(leaderEpoch: 1))
        #expect(received(0, 8) == .truncate(to: 8))
        #expect(received(0, 2) == .restart(at: 2))
        #expect(received(20, 30) == .restart(at: 20))
        #expect(received(0, 30) == .none)
        #expect(
            self.state.leaderOffsetsReceived(
                self.key(1), leaderEpoch: 1, earliest: 20, latest: 30, log: log, latestEpoch: 1) == .restart(at: 20))
        self.state.truncated(
            self.key(1), leaderEpoch: 1, log: LogBounds(startOffset: 20, endOffset: 20), latestEpoch: nil)
        #expect(self.next() == self.request((5, 1), [(1, self.position(20, last: nil, start: 20))]))
    }

    @Test mutating func aQuestionForEndsThatFailsIsAskedAgainOrFenced() {
        self.openSession()
        #expect(self.answer(1, error: .offsetOutOfRange) == .queryLeaderOffsets(leaderEpoch: 1))
        #expect(self.answer(2, error: .offsetOutOfRange) == .queryLeaderOffsets(leaderEpoch: 1))
        #expect(
            self.state.leaderOffsetsFailed(
                self.key(1), leaderEpoch: 1, error: .networkException, now: self.start)
                == .backOff(until: self.start + .milliseconds(100)))
        #expect(
            self.state.leaderOffsetsFailed(self.key(2), leaderEpoch: 1, error: .fencedLeaderEpoch, now: self.start)
                == .remove)
        #expect(
            self.state.leaderOffsetsFailed(self.key(1), leaderEpoch: 1, error: .networkException, now: self.start)
                == .ignore)
    }

    @Test mutating func aLostConnectionRestsAndStartsANewSession() {
        self.openSession()
        _ = self.next()
        self.state.connectionLost(now: self.start)
        #expect(self.state.wakeUp == self.start + .milliseconds(100))
        #expect(self.next(milliseconds: 99) == nil)
        #expect(
            self.next(milliseconds: 100)
                == self.request((5, 0), [(1, self.position(10)), (2, self.position(10))]))
    }

    @Test mutating func anErrorOfTheSessionIsAnsweredByAFullRequestAtOnce() {
        self.openSession()
        _ = self.next()
        #expect(self.respond(0, session: 0, error: .fetchSessionIDNotFound) == false)
        #expect(self.next() == self.request((0, 0), [(1, self.position(10)), (2, self.position(10))]))
        #expect(self.respond(1) == false)
        #expect(self.next() == nil)
    }

    @Test func truncationFollowsTheEpochsOfBothLogs() {
        let log = LogBounds(startOffset: 3, endOffset: 20)
        func cut(_ leader: EpochEndOffset, _ local: EpochEndOffset?) -> FollowerTruncation {
            FollowerFetchState.truncation(leaderEnd: leader, localEnd: local, log: log)
        }
        func end(_ epoch: LeaderEpoch, _ offset: Offset) -> EpochEndOffset {
            EpochEndOffset(leaderEpoch: epoch, endOffset: offset)
        }
        #expect(cut(end(4, 12), end(4, 15)) == .truncate(to: 12))
        #expect(cut(end(4, 15), end(4, 12)) == .truncate(to: 12))
        #expect(cut(end(4, 15), end(2, 9)) == .truncate(to: 9))
        #expect(cut(end(4, 30), nil) == .truncate(to: 20))
        #expect(cut(end(1, 2), end(1, 8)) == .restart(at: 2))
    }
}
