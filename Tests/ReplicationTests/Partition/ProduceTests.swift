import ApusCore
import Replication
import Testing

/// Admission of appends, and the answers to those that wait for their replicas.
@Suite struct ProduceTests {
    @Test func admissionDependsOnTheRoleTheAcksAndTheCommittedISR() {
        var fixture = ReplicaFixture()
        #expect(fixture.replica.produceAdmission(requiredAcks: 1) == .notLeaderOrFollower)
        _ = fixture.assign(leader: 2, isr: [2])
        #expect(fixture.replica.produceAdmission(requiredAcks: -1) == .notLeaderOrFollower)
        _ = fixture.assign(leader: 1, isr: [1])
        #expect(fixture.replica.produceAdmission(requiredAcks: -1) == .notEnoughReplicas)
        #expect(fixture.replica.produceAdmission(requiredAcks: 1) == .noError)
        #expect(fixture.replica.produceAdmission(requiredAcks: 0) == .noError)
        #expect(fixture.replica.produceAdmission(requiredAcks: 2) == .invalidRequiredAcks)
        _ = fixture.assign(leader: 1, isr: [1, 3], sameEpoch: true)
        #expect(fixture.replica.produceAdmission(requiredAcks: -1) == .noError)
        fixture.replica.stopped(refusal: .kafkaStorageError, effects: &fixture.effects)
        #expect(fixture.replica.produceAdmission(requiredAcks: -1) == .kafkaStorageError)
    }

    @Test func waitsEndInTheOrderOfTheirOffsets() {
        var fixture = ReplicaFixture.leader(isr: [1, 2])
        fixture.produce(1, to: 3)
        fixture.produce(2, to: 5)
        fixture.produce(3, to: 9)
        fixture.fetch(from: 2, at: 4)
        #expect(fixture.take() == expected(highWatermark: 4, produces: [(1, .noError)]))
        fixture.fetch(from: 2, at: 9)
        #expect(fixture.take() == expected(highWatermark: 9, produces: [(2, .noError), (3, .noError)]))
    }

    @Test func aDuplicateOfAnOlderAppendWaitsForItsOwnOffsetOnly() {
        var fixture = ReplicaFixture.leader(isr: [1, 2])
        fixture.produce(1, to: 3)
        fixture.produce(2, to: 9)
        fixture.replica.awaitReplication(
            ProduceWaiterID(rawValue: 3), requiredOffset: 3, appendEpoch: 1, deadline: .distantFuture,
            effects: &fixture.effects)
        fixture.fetch(from: 2, at: 3)
        #expect(fixture.take() == expected(highWatermark: 3, produces: [(1, .noError), (3, .noError)]))
        fixture.replica.awaitReplication(
            ProduceWaiterID(rawValue: 4), requiredOffset: 2, appendEpoch: 1, deadline: .distantFuture,
            effects: &fixture.effects)
        #expect(fixture.take() == expected(produces: [(4, .noError)]))
    }

    @Test func anAppendThatIsCommittedWhenTheISRIsTooSmallIsTold() {
        var fixture = ReplicaFixture.leader(isr: [1, 2])
        fixture.append(to: 3)
        fixture.fetch(from: 2, at: 3)
        _ = fixture.assign(leader: 1, isr: [1], sameEpoch: true)
        _ = fixture.take()
        fixture.replica.awaitReplication(
            ProduceWaiterID(rawValue: 1), requiredOffset: 3, appendEpoch: 1, deadline: .distantFuture,
            effects: &fixture.effects)
        #expect(fixture.take() == expected(produces: [(1, .notEnoughReplicasAfterAppend)]))
    }

    @Test func aWaitEndsAtItsDeadline() {
        var fixture = ReplicaFixture.leader()
        fixture.produce(1, to: 3, deadline: 200)
        fixture.produce(2, to: 5, deadline: 100)
        fixture.produce(3, to: 7, deadline: 300)
        #expect(fixture.replica.produceWaiters.earliestDeadline == Instant(nanoseconds: 100_000_000))
        fixture.tick(milliseconds: 99)
        #expect(fixture.take() == expected())
        fixture.tick(milliseconds: 101)
        #expect(fixture.take() == expected(produces: [(1, .requestTimedOut), (2, .requestTimedOut)]))
        #expect(fixture.replica.produceWaiters.count == 1)
        #expect(fixture.replica.produceWaiters.earliestDeadline == Instant(nanoseconds: 300_000_000))
    }

    @Test func anAppendOfAnOlderEpochIsNeverAnsweredWithSuccess() {
        var fixture = ReplicaFixture.leader(isr: [1, 2])
        fixture.append(to: 3)
        _ = fixture.assign(leader: 2, isr: [1, 2])
        _ = fixture.assign(leader: 1, isr: [1, 2])
        _ = fixture.take()
        fixture.replica.awaitReplication(
            ProduceWaiterID(rawValue: 1), requiredOffset: 3, appendEpoch: 1, deadline: .distantFuture,
            effects: &fixture.effects)
        #expect(fixture.take() == expected(produces: [(1, .notLeaderOrFollower)]))
    }

    @Test func aLeaderThatIsElectedAgainWithoutABreakKeepsItsWaits() {
        var fixture = ReplicaFixture.leader(isr: [1, 2])
        fixture.produce(1, to: 3)
        #expect(fixture.assign(leader: 1, isr: [1, 2]) == .newEpoch)
        #expect(fixture.take() == expected(epochStart: (2, 3)))
        fixture.fetch(from: 2, at: 3, epoch: 2)
        #expect(fixture.take() == expected(highWatermark: 3, produces: [(1, .noError)]))
    }

    @Test func manyWaitsCompleteOnceEach() {
        var fixture = ReplicaFixture.leader(isr: [1, 2])
        var completed: [UInt64] = []
        for waiter in 1...5000 {
            fixture.produce(UInt64(waiter), to: Offset(Int64(waiter)))
            if waiter.isMultiple(of: 7) {
                fixture.fetch(from: 2, at: Offset(Int64(waiter - 3)))
                completed += fixture.take().completedProduces.map(\.waiter.rawValue)
            }
        }
        fixture.fetch(from: 2, at: 5000)
        completed += fixture.take().completedProduces.map(\.waiter.rawValue)
        #expect(completed == Array(1...5000))
        #expect(fixture.replica.produceWaiters.isEmpty)
    }
}
