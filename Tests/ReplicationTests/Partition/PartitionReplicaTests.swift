import ApusCore
import Replication
import Testing

/// The transition list of `PartitionReplica`, and the high watermark of a steady ISR.
@Suite struct PartitionReplicaTests {
    @Test func becomingLeaderStartsTheEpochAtTheLogEnd() {
        var fixture = ReplicaFixture(logEnd: 7, highWatermark: 5)
        #expect(fixture.assign(leader: 1, isr: [1, 2, 3]) == .newEpoch)
        #expect(fixture.take() == expected(epochStart: (1, 7)))
        #expect(fixture.replica.leaderRole?.epochStartOffset == 7)
        #expect(fixture.replica.highWatermark == 5)
    }

    @Test func aLeaderAloneInItsISRCommitsAtOnce() {
        var fixture = ReplicaFixture(minISR: 1, logEnd: 7, highWatermark: 5)
        #expect(fixture.assign(leader: 1, isr: [1]) == .newEpoch)
        #expect(fixture.take() == expected(epochStart: (1, 7), highWatermark: 7))
        fixture.append(to: 9)
        #expect(fixture.take() == expected(highWatermark: 9))
    }

    @Test func everyTransitionChangesTheRoleAndDismissesTheWaiters() {
        var fixture = ReplicaFixture()
        #expect(fixture.assign(leader: 2, isr: [1, 2, 3]) == .newEpoch)
        #expect(fixture.replica.role == .follower(FollowerRole(leader: 2)))
        #expect(fixture.assign(leader: 1, isr: [1, 2, 3]) == .newEpoch)
        #expect(fixture.replica.isLeader)
        fixture.append(to: 3)
        _ = fixture.take()
        fixture.produce(1, to: 5)
        _ = fixture.replica.awaitFetch(FetchWaiterID(rawValue: 9), isolation: .highWatermark, offset: 0)
        #expect(fixture.assign(leader: 3, isr: [2, 3]) == .newEpoch)
        #expect(fixture.take() == expected(produces: [(1, .notLeaderOrFollower)], fetches: [9]))
        #expect(fixture.replica.role == .follower(FollowerRole(leader: 3)))
        fixture.replica.stopped(refusal: .kafkaStorageError, effects: &fixture.effects)
        #expect(fixture.replica.refusal(currentLeaderEpoch: nil, leaderOnly: false) == .kafkaStorageError)
        #expect(fixture.assign(leader: 1, isr: [1], sameEpoch: true) == .newEpoch)
        #expect(fixture.replica.isLeader)
    }

    @Test func aFollowerWithoutALeaderKeepsItsLog() {
        var fixture = ReplicaFixture(logEnd: 4, highWatermark: 4)
        #expect(fixture.assign(leader: .none, isr: [2]) == .newEpoch)
        #expect(fixture.replica.role == .follower(FollowerRole(leader: .none)))
        #expect(fixture.replica.log == LogBounds(startOffset: 0, endOffset: 4))
        #expect(fixture.take() == expected())
    }

    @Test func anOlderAssignmentChangesNothing() {
        var fixture = ReplicaFixture.leader()
        _ = fixture.assign(leader: 1, isr: [1, 2], sameEpoch: true)
        fixture.partitionEpoch += -2
        let before = fixture.replica
        #expect(fixture.assign(leader: 2, isr: [2], sameEpoch: true) == .stale)
        #expect(fixture.replica == before)
    }

    @Test func theHighWatermarkIsTheLowestLogEndOfTheISR() {
        var fixture = ReplicaFixture.leader()
        fixture.append(to: 10)
        #expect(fixture.take() == expected())
        #expect(fixture.fetch(from: 2, at: 0) == .read(upTo: 10))
        fixture.fetch(from: 2, at: 10)
        #expect(fixture.take() == expected())
        fixture.fetch(from: 3, at: 6)
        #expect(fixture.take() == expected(highWatermark: 6))
        fixture.fetch(from: 3, at: 10)
        #expect(fixture.take() == expected(highWatermark: 10))
    }

    @Test func theHighWatermarkNeverFallsOnALeader() {
        var fixture = ReplicaFixture.leader()
        fixture.append(to: 10)
        fixture.fetch(from: 2, at: 10)
        fixture.fetch(from: 3, at: 10)
        _ = fixture.take()
        fixture.fetch(from: 3, at: 4)
        #expect(fixture.replica.highWatermark == 10)
        #expect(fixture.take() == expected())
    }

    @Test func belowTheMinimumISRNothingIsCommitted() {
        var fixture = ReplicaFixture.leader(isr: [1])
        fixture.append(to: 4)
        #expect(fixture.take() == expected())
        fixture.replica.policyChanged(
            ReplicaPolicy(minInSyncReplicas: 1), now: fixture.now, effects: &fixture.effects)
        #expect(fixture.take() == expected(highWatermark: 4))
    }

    @Test func theMinimumISRIsAtMostTheNumberOfReplicas() {
        var fixture = ReplicaFixture.leader(isr: [1, 2, 3], minISR: 5)
        #expect(fixture.replica.produceAdmission(requiredAcks: -1) == .noError)
        fixture.append(to: 1)
        fixture.fetch(from: 2, at: 1)
        fixture.fetch(from: 3, at: 1)
        #expect(fixture.replica.highWatermark == 1)
    }

    @Test func aFollowerTakesTheLeadersHighWatermarkAsFarAsItsLogReaches() {
        var fixture = ReplicaFixture()
        _ = fixture.assign(leader: 2, isr: [1, 2])
        fixture.replica.replicated(endOffset: 5, leaderHighWatermark: 9, effects: &fixture.effects)
        #expect(fixture.take() == expected(highWatermark: 5))
        fixture.replica.replicated(endOffset: 8, leaderHighWatermark: 4, effects: &fixture.effects)
        #expect(fixture.take() == expected())
        fixture.replica.truncated(to: LogBounds(startOffset: 0, endOffset: 3), effects: &fixture.effects)
        #expect(fixture.take() == expected(highWatermark: 3))
    }

    @Test func aLogStartBeyondTheHighWatermarkCarriesItAlong() {
        var fixture = ReplicaFixture()
        _ = fixture.assign(leader: 2, isr: [1, 2])
        fixture.replica.replicated(endOffset: 8, leaderHighWatermark: 2, effects: &fixture.effects)
        _ = fixture.take()
        fixture.replica.logStartAdvanced(to: 6, effects: &fixture.effects)
        #expect(fixture.take() == expected(highWatermark: 6))
        #expect(fixture.replica.log == LogBounds(startOffset: 6, endOffset: 8))
    }

    @Test func theLowWatermarkRisesWithTheLastLiveFollower() {
        var fixture = ReplicaFixture.leader()
        fixture.append(to: 10)
        fixture.fetch(from: 2, at: 10)
        fixture.fetch(from: 3, at: 10)
        fixture.replica.logStartAdvanced(to: 5, effects: &fixture.effects)
        _ = fixture.take()
        fixture.fetch(from: 2, at: 10, logStart: 5)
        #expect(fixture.take() == expected())
        fixture.fetch(from: 3, at: 10, logStart: 5)
        #expect(fixture.take() == expected(lowWatermark: 5))
    }

    @Test func aFencedFollowerDoesNotHoldBackTheLowWatermark() {
        var fixture = ReplicaFixture.leader()
        fixture.append(to: 10)
        fixture.fetch(from: 2, at: 10)
        fixture.fetch(from: 3, at: 10)
        fixture.replica.logStartAdvanced(to: 5, effects: &fixture.effects)
        fixture.fetch(from: 2, at: 10, logStart: 5)
        _ = fixture.take()
        fixture.replica.brokerChanged(
            BrokerStatus(id: 3, epoch: 300, isFenced: true), now: fixture.now, effects: &fixture.effects)
        #expect(fixture.take() == expected(lowWatermark: 5))
    }
}
