import ApusCore
import KafkaClient
import Testing

@Suite struct DeliveryDecisionTests {
    private func decide(
        _ result: AttemptResult, wasUncertain: Bool = false, isIdempotent: Bool = true, isExpired: Bool = false
    ) -> DeliveryDecision {
        DeliveryDecision(result, wasUncertain: wasUncertain, isIdempotent: isIdempotent, isExpired: isExpired)
    }

    @Test func anAcknowledgedBatchIsStored() {
        #expect(self.decide(.answered(.noError)) == .stored)
        #expect(self.decide(.answered(.noError), isExpired: true) == .stored)
    }

    @Test func aDuplicateOfAnIdempotentBatchIsStored() {
        #expect(self.decide(.answered(.duplicateSequenceNumber)) == .stored)
    }

    @Test func aLostAttemptIsRepeatedUntilItIsTooLate() {
        #expect(self.decide(.lost) == .retry(refreshesLeaders: true))
        #expect(self.decide(.lost, isExpired: true) == .unknown)
    }

    @Test func aDeposedLeadersRefusalAsksForLeaders() {
        #expect(self.decide(.answered(.notLeaderOrFollower)) == .retry(refreshesLeaders: true))
        #expect(self.decide(.answered(.notLeaderOrFollower), isExpired: true) == .unknown)
    }

    @Test func tooFewReplicasAreWaitedFor() {
        #expect(self.decide(.answered(.notEnoughReplicas)) == .retry(refreshesLeaders: false))
        #expect(self.decide(.answered(.notEnoughReplicas), isExpired: true) == .refused)
        #expect(self.decide(.answered(.notEnoughReplicasAfterAppend), isExpired: true) == .unknown)
    }

    @Test func aRefusalIsCertainOnlyIfNoAttemptWasUncertain() {
        #expect(self.decide(.answered(.messageTooLarge)) == .refused)
        #expect(self.decide(.answered(.messageTooLarge), wasUncertain: true) == .unknown)
    }

    @Test func aSequenceThatCannotSucceedIsReplacedOnlyIfNothingWasStored() {
        #expect(self.decide(.answered(.outOfOrderSequenceNumber)) == .restamp)
        #expect(self.decide(.answered(.unknownProducerID)) == .restamp)
        #expect(self.decide(.answered(.outOfOrderSequenceNumber), wasUncertain: true) == .unknown)
        #expect(self.decide(.answered(.outOfOrderSequenceNumber), isIdempotent: false) == .refused)
    }
}
