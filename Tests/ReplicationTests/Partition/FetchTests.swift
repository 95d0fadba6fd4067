import ApusCore
import Replication
import Testing

/// Who may read what, and what a fetch tells a leader.
@Suite struct FetchTests {
    private func consumer(
        at offset: Offset, epoch: LeaderEpoch? = nil, lastFetched: LeaderEpoch? = nil,
        isolation: FetchIsolation = .highWatermark, mayReadFollower: Bool = true
    ) -> ConsumerFetch {
        ConsumerFetch(
            fetchOffset: offset, currentLeaderEpoch: epoch, lastFetchedEpoch: lastFetched, isolation: isolation,
            mayReadFollower: mayReadFollower)
    }

    @Test func aFetchOfAnotherEpochMovesNothing() {
        var fixture = ReplicaFixture.leader(isr: [1, 2])
        _ = fixture.assign(leader: 1, isr: [1, 2])
        fixture.append(to: 5)
        _ = fixture.take()
        let before = fixture.replica
        #expect(fixture.fetch(from: 2, at: 5, epoch: 1) == .refuse(.fencedLeaderEpoch))
        #expect(fixture.fetch(from: 2, at: 5, epoch: 3) == .refuse(.unknownLeaderEpoch))
        #expect(fixture.fetch(from: 2, at: 6, epoch: 2) == .refuse(.offsetOutOfRange))
        #expect(fixture.replica == before)
        #expect(fixture.take() == expected())
    }

    @Test func aFollowerServesNoFollower() {
        var fixture = ReplicaFixture()
        #expect(fixture.fetch(from: 2, at: 0, epoch: 0) == .refuse(.notLeaderOrFollower))
        _ = fixture.assign(leader: 3, isr: [1, 2, 3])
        #expect(fixture.fetch(from: 2, at: 0, epoch: 1) == .refuse(.notLeaderOrFollower))
    }

    @Test func aDivergingFetchIsToldWhereAndMovesNothing() {
        var fixture = ReplicaFixture(logEnd: 10, highWatermark: 4)
        _ = fixture.assign(leader: 1, isr: [1, 2])
        _ = fixture.take()
        let before = fixture.replica
        func fetch(_ fixture: inout ReplicaFixture, at offset: Offset, epochEnd: EpochEndOffset?) -> FetchDecision {
            fixture.fetch(from: 2, at: offset, lastFetchedEpoch: 5, lastEpochEnd: epochEnd)
        }
        let older = EpochEndOffset(leaderEpoch: 3, endOffset: 9)
        #expect(fetch(&fixture, at: 8, epochEnd: older) == .diverging(older))
        let shorter = EpochEndOffset(leaderEpoch: 5, endOffset: 6)
        #expect(fetch(&fixture, at: 7, epochEnd: shorter) == .diverging(shorter))
        #expect(fetch(&fixture, at: 7, epochEnd: nil) == .refuse(.offsetOutOfRange))
        #expect(fixture.replica == before)
        #expect(fetch(&fixture, at: 6, epochEnd: shorter) == .read(upTo: 10))
        #expect(fixture.replica != before)
    }

    @Test func aConsumerSeesUpToItsIsolation() {
        var fixture = ReplicaFixture.leader(isr: [1, 2])
        fixture.append(to: 10)
        fixture.fetch(from: 2, at: 6)
        let replica = fixture.replica
        #expect(replica.consumerFetched(self.consumer(at: 0), lastEpochEnd: nil, lastStableOffset: 4) == .read(upTo: 6))
        #expect(
            replica.consumerFetched(
                self.consumer(at: 0, isolation: .lastStable), lastEpochEnd: nil, lastStableOffset: 4)
                == .read(upTo: 4))
        #expect(
            replica.consumerFetched(
                self.consumer(at: 0, isolation: .lastStable), lastEpochEnd: nil, lastStableOffset: 9)
                == .read(upTo: 6))
        #expect(
            replica.consumerFetched(self.consumer(at: 8), lastEpochEnd: nil, lastStableOffset: 4) == .read(upTo: 6))
        #expect(
            replica.consumerFetched(self.consumer(at: 11), lastEpochEnd: nil, lastStableOffset: 4)
                == .refuse(.offsetOutOfRange))
    }

    @Test func aFollowerServesConsumersThatMayReadIt() {
        var fixture = ReplicaFixture()
        _ = fixture.assign(leader: 2, isr: [1, 2])
        fixture.replica.replicated(endOffset: 9, leaderHighWatermark: 7, effects: &fixture.effects)
        let replica = fixture.replica
        #expect(
            replica.consumerFetched(self.consumer(at: 2, epoch: 1), lastEpochEnd: nil, lastStableOffset: 7)
                == .read(upTo: 7))
        #expect(
            replica.consumerFetched(
                self.consumer(at: 2, epoch: 1, mayReadFollower: false), lastEpochEnd: nil, lastStableOffset: 7)
                == .refuse(.notLeaderOrFollower))
        #expect(
            replica.consumerFetched(self.consumer(at: 2, epoch: 0), lastEpochEnd: nil, lastStableOffset: 7)
                == .refuse(.fencedLeaderEpoch))
    }

    @Test func latestIsNotAvailableUntilTheHighWatermarkReachesTheEpoch() {
        var fixture = ReplicaFixture(logEnd: 10, highWatermark: 4)
        _ = fixture.assign(leader: 1, isr: [1, 2])
        func limit(_ isolation: FetchIsolation, epoch: LeaderEpoch? = 1) -> OffsetsDecision<ListOffsetsLimit> {
            fixture.replica.listOffsets(
                currentLeaderEpoch: epoch, isolation: isolation, leaderOnly: true, lastStableOffset: 3)
        }
        func answer(_ offset: Offset, awaiting: Bool) -> OffsetsDecision<ListOffsetsLimit> {
            .answer(
                ListOffsetsLimit(lastFetchableOffset: offset, leaderEpoch: 1, isAwaitingHighWatermark: awaiting))
        }
        #expect(limit(.highWatermark) == answer(4, awaiting: true))
        #expect(limit(.lastStable) == answer(3, awaiting: true))
        #expect(limit(.logEnd) == answer(10, awaiting: false))
        #expect(limit(.logEnd, epoch: 0) == .refuse(.fencedLeaderEpoch))
        fixture.fetch(from: 2, at: 10)
        #expect(limit(.highWatermark) == answer(10, awaiting: false))
    }

    @Test func offsetForLeaderEpochIsTheLeadersAnswer() {
        var fixture = ReplicaFixture.leader()
        let end = EpochEndOffset(leaderEpoch: 1, endOffset: 3)
        func ask(_ epoch: LeaderEpoch?, _ end: EpochEndOffset?) -> OffsetsDecision<EpochEndOffset> {
            fixture.replica.offsetForLeaderEpoch(currentLeaderEpoch: epoch, leaderOnly: true, epochEnd: end)
        }
        #expect(ask(1, end) == .answer(end))
        #expect(ask(nil, nil) == .answer(.undefined))
        #expect(ask(2, end) == .refuse(.unknownLeaderEpoch))
        _ = fixture.assign(leader: 2, isr: [2])
        #expect(ask(2, end) == .refuse(.notLeaderOrFollower))
    }

    @Test func onlyRecordsOfTheFollowedEpochAtTheLogEndAreAdmitted() {
        var fixture = ReplicaFixture(logEnd: 5)
        #expect(fixture.replica.replicationAdmission(leaderEpoch: 0, at: 5) == .notLeaderOrFollower)
        _ = fixture.assign(leader: 2, isr: [2])
        #expect(fixture.replica.replicationAdmission(leaderEpoch: 1, at: 5) == .noError)
        #expect(fixture.replica.replicationAdmission(leaderEpoch: 1, at: 4) == .offsetOutOfRange)
        #expect(fixture.replica.replicationAdmission(leaderEpoch: 0, at: 5) == .fencedLeaderEpoch)
        #expect(fixture.replica.replicationAdmission(leaderEpoch: 2, at: 5) == .unknownLeaderEpoch)
        _ = fixture.assign(leader: 1, isr: [1])
        #expect(fixture.replica.replicationAdmission(leaderEpoch: 2, at: 5) == .notLeaderOrFollower)
    }
}
