import ApusCore
import Replication
import Testing

/// How replicas join and leave the ISR.
@Suite struct InSyncReplicasTests {
    /// A leader at log end 10 and high watermark 10, with follower 3 out of sync.
    private func leaderWithOutsider() -> ReplicaFixture {
        var fixture = ReplicaFixture.leader(isr: [1, 2])
        fixture.append(to: 10)
        fixture.fetch(from: 2, at: 10)
        _ = fixture.take()
        return fixture
    }

    @Test func aFollowerThatReachesTheHighWatermarkIsProposed() {
        var fixture = self.leaderWithOutsider()
        fixture.fetch(from: 3, at: 9)
        #expect(fixture.take() == expected())
        fixture.fetch(from: 3, at: 10)
        #expect(
            fixture.take()
                == expected(proposal: proposal(1, partitionEpoch: 1, isr: [(1, 100), (2, 200), (3, 300)])))
    }

    @Test func aFollowerMustReachTheEpochStartToBeProposed() {
        var fixture = ReplicaFixture(logEnd: 10, highWatermark: 4)
        _ = fixture.assign(leader: 1, isr: [1, 2])
        _ = fixture.take()
        fixture.fetch(from: 3, at: 9)
        #expect(fixture.take() == expected())
        fixture.fetch(from: 3, at: 10)
        #expect(
            fixture.take() == expected(proposal: proposal(1, partitionEpoch: 1, isr: [(1, 100), (2, -1), (3, 300)])))
    }

    @Test func theHighWatermarkWaitsForAProposedReplicaButItDoesNotCountForAcks() {
        var fixture = ReplicaFixture.leader(isr: [1, 2], minISR: 3)
        fixture.fetch(from: 3, at: 0)
        #expect(fixture.take().proposal != nil)
        #expect(fixture.replica.produceAdmission(requiredAcks: -1) == .notEnoughReplicas)
        fixture.replica.policyChanged(
            ReplicaPolicy(minInSyncReplicas: 2), now: fixture.now, effects: &fixture.effects)
        fixture.produce(1, to: 5)
        fixture.now = fixture.now + .seconds(60)
        fixture.fetch(from: 2, at: 5)
        #expect(fixture.take() == expected())
        fixture.fetch(from: 3, at: 5)
        #expect(fixture.take() == expected(highWatermark: 5, produces: [(1, .noError)]))
    }

    @Test func aCaughtUpReplicaHoldsTheHighWatermarkBeforeItIsProposed() {
        var fixture = self.leaderWithOutsider()
        fixture.fetch(from: 3, at: 10)
        let sent = fixture.take()
        fixture.replica.alterPartitionCompleted(
            ISRProposalID(rawValue: 1), .refused(.ineligibleReplica), now: fixture.now, effects: &fixture.effects)
        #expect(sent.proposal?.id == ISRProposalID(rawValue: 1))
        fixture.append(to: 12)
        fixture.fetch(from: 2, at: 12)
        #expect(fixture.take() == expected())
        fixture.now = fixture.now + .milliseconds(30_001)
        fixture.fetch(from: 2, at: 11)
        fixture.fetch(from: 2, at: 12)
        #expect(fixture.take() == expected(highWatermark: 12))
    }

    @Test(arguments: [
        BrokerStatus(id: 3, epoch: 300, isFenced: true), BrokerStatus(id: 3, epoch: 300, isShuttingDown: true),
        BrokerStatus(id: 3, epoch: nil),
    ])
    func anIneligibleBrokerIsNotProposed(status: BrokerStatus) {
        var fixture = self.leaderWithOutsider()
        fixture.replica.brokerChanged(status, now: fixture.now, effects: &fixture.effects)
        fixture.fetch(from: 3, at: 10)
        #expect(fixture.take() == expected())
    }

    @Test func aNewerRegistrationThanTheMetadataKnowsIsNotProposedAndAnOlderOneIsRefused() {
        var fixture = self.leaderWithOutsider()
        #expect(fixture.fetch(from: 3, at: 10, brokerEpoch: 301) == .read(upTo: 10))
        #expect(fixture.take() == expected())
        #expect(fixture.fetch(from: 3, at: 10, brokerEpoch: 299) == .refuse(.notLeaderOrFollower))
        #expect(fixture.fetch(from: 3, at: 10, brokerEpoch: .unknown) == .read(upTo: 10))
        #expect(fixture.take().proposal != nil)
    }

    @Test func onlyOneChangeIsUnderWay() {
        var fixture = ReplicaFixture.leader(isr: [1])
        fixture.fetch(from: 2, at: 0)
        #expect(fixture.take().proposal?.isr.map(\.id) == [1, 2])
        fixture.fetch(from: 3, at: 0)
        fixture.tick(milliseconds: 60_000)
        #expect(fixture.take() == expected())
        self.commit(&fixture, 1, partitionEpoch: 2, isr: [1, 2])
        fixture.fetch(from: 3, at: 0)
        #expect(fixture.take().proposal?.isr.map(\.id) == [1, 2, 3])
    }

    @Test func aFollowerThatLagsTooLongIsProposedToLeaveAndExcludedOnlyWhenCommitted() {
        var fixture = ReplicaFixture.leader()
        fixture.append(to: 10)
        fixture.tick(milliseconds: 20_000)
        fixture.fetch(from: 2, at: 10)
        #expect(fixture.take() == expected())
        fixture.tick(milliseconds: 10_001)
        #expect(
            fixture.take()
                == expected(proposal: proposal(1, partitionEpoch: 1, isr: [(1, 100), (2, 200)], notBefore: 30_001)))
        fixture.append(to: 11)
        fixture.fetch(from: 2, at: 11)
        #expect(fixture.take() == expected())
        self.commit(&fixture, 1, partitionEpoch: 2, isr: [1, 2])
        #expect(fixture.take() == expected(highWatermark: 11))
        #expect(fixture.replica.leaderRole?.isr == [1, 2])
        #expect(fixture.replica.partitionEpoch == 2)
    }

    @Test func aFollowerAtTheLogEndStaysInSyncHoweverLongItIsQuiet() {
        var fixture = ReplicaFixture.leader()
        fixture.append(to: 10)
        fixture.fetch(from: 2, at: 10)
        fixture.fetch(from: 3, at: 10)
        _ = fixture.take()
        fixture.tick(milliseconds: 100_000)
        #expect(fixture.take() == expected())
    }

    @Test func passingTheEndOfThePreviousFetchCountsAsCaughtUpThen() {
        var fixture = ReplicaFixture.leader()
        fixture.fetch(from: 3, at: 0)
        for step in 1...8 {
            fixture.append(to: Offset(Int64(step) * 10))
            fixture.now = fixture.now + .seconds(10)
            fixture.fetch(from: 2, at: Offset(Int64(step) * 10))
            fixture.fetch(from: 3, at: Offset(Int64(step - 1) * 10))
        }
        _ = fixture.take()
        fixture.tick(milliseconds: 1)
        #expect(fixture.take() == expected())
        fixture.tick(milliseconds: 20_000)
        #expect(fixture.take().proposal?.isr.map(\.id) == [1, 2])
    }

    @Test func theMetadataMayOvertakeTheAnswer() {
        var fixture = self.leaderWithOutsider()
        fixture.fetch(from: 3, at: 10)
        _ = fixture.take()
        #expect(fixture.assign(leader: 1, isr: [1, 2, 3], sameEpoch: true) == .sameEpoch)
        #expect(fixture.replica.leaderRole?.hasPendingISRChange == false)
        self.commit(&fixture, 1, partitionEpoch: 9, isr: [1])
        #expect(fixture.replica.leaderRole?.isr == [1, 2, 3])
        #expect(fixture.replica.partitionEpoch == 2)
    }

    @Test func theSamePartitionEpochFromTheMetadataLeavesAProposalUnderWay() {
        var fixture = self.leaderWithOutsider()
        fixture.fetch(from: 3, at: 10)
        _ = fixture.take()
        fixture.partitionEpoch += -1
        #expect(fixture.assign(leader: 1, isr: [1, 2], sameEpoch: true) == .sameEpoch)
        #expect(fixture.replica.leaderRole?.hasPendingISRChange == true)
    }

    @Test(arguments: [
        ErrorCode.unknownTopicOrPartition, .unknownTopicID, .fencedLeaderEpoch, .invalidUpdateVersion, .invalidRequest,
        .newLeaderElected,
    ])
    func aCodeThatTellsOfAnOldViewWaitsForTheMetadata(code: ErrorCode) {
        var fixture = self.leaderWithOutsider()
        fixture.fetch(from: 3, at: 10)
        _ = fixture.take()
        fixture.replica.alterPartitionCompleted(
            ISRProposalID(rawValue: 1), .refused(code), now: fixture.now, effects: &fixture.effects)
        #expect(fixture.replica.leaderRole?.hasPendingISRChange == true)
        fixture.now = fixture.now + .seconds(60)
        fixture.append(to: 11)
        fixture.fetch(from: 2, at: 11)
        #expect(fixture.take() == expected())
    }

    @Test(arguments: [ErrorCode.ineligibleReplica, .operationNotAttempted])
    func aCodeThatSaysTheChangeWasNotMadeReturnsToTheCommittedISR(code: ErrorCode) {
        var fixture = self.leaderWithOutsider()
        fixture.fetch(from: 3, at: 10)
        _ = fixture.take()
        fixture.replica.alterPartitionCompleted(
            ISRProposalID(rawValue: 1), .refused(code), now: fixture.now, effects: &fixture.effects)
        #expect(fixture.replica.leaderRole?.hasPendingISRChange == false)
        #expect(fixture.replica.leaderRole?.isr == [1, 2])
    }

    @Test func anyOtherCodeIsProposedAgainAfterTheBackoff() {
        var fixture = self.leaderWithOutsider()
        fixture.fetch(from: 3, at: 10)
        _ = fixture.take()
        fixture.replica.alterPartitionCompleted(
            ISRProposalID(rawValue: 1), .refused(.networkException), now: fixture.now, effects: &fixture.effects)
        let isr: [(NodeID, BrokerEpoch)] = [(1, 100), (2, 200), (3, 300)]
        #expect(fixture.take() == expected(proposal: proposal(2, partitionEpoch: 1, isr: isr, notBefore: 50)))
        // The answer to the attempt that was given up is not taken for the new one's.
        self.commit(&fixture, 1, partitionEpoch: 2, isr: [1, 2, 3])
        #expect(fixture.replica.leaderRole?.hasPendingISRChange == true)
        self.commit(&fixture, 2, partitionEpoch: 2, isr: [1, 2, 3])
        #expect(fixture.replica.leaderRole?.isr == [1, 2, 3])
    }

    @Test func aReplicaThatLeavesTheAssignmentIsForgotten() {
        var fixture = ReplicaFixture.leader()
        fixture.append(to: 3)
        fixture.fetch(from: 2, at: 3)
        fixture.partitionEpoch += 1
        _ = fixture.take()
        let outcome = fixture.replica.partitionChanged(
            PartitionAssignment(
                leader: 1, leaderEpoch: 1, partitionEpoch: fixture.partitionEpoch, replicas: [1, 2], isr: [1, 2]),
            brokers: ReplicaFixture.brokers, log: fixture.replica.log, now: fixture.now, effects: &fixture.effects)
        #expect(outcome == .sameEpoch)
        #expect(fixture.take() == expected(highWatermark: 3))
        #expect(fixture.fetch(from: 3, at: 3) == .refuse(.unknownLeaderEpoch))
        #expect(fixture.fetch(from: 3, at: 3, epoch: nil) == .refuse(.notLeaderOrFollower))
    }

    private func commit(
        _ fixture: inout ReplicaFixture, _ id: UInt64, partitionEpoch: PartitionEpoch, isr: [NodeID]
    ) {
        fixture.replica.alterPartitionCompleted(
            ISRProposalID(rawValue: id),
            .committed(leaderEpoch: 1, partitionEpoch: partitionEpoch, isr: isr, recoveryState: .recovered),
            now: fixture.now, effects: &fixture.effects)
    }
}
