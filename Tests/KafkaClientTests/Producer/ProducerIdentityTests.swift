import ApusCore
import KafkaClient
import Testing

@Suite struct ProducerIdentityTests {
    @Test func sequencesGoOnAndBeginAnewInTheNextEpoch() {
        var identity = ProducerIdentity(id: 7, epoch: 0)
        identity.advance(by: 10)
        #expect(identity.nextSequence == 10)
        identity.advance(by: Int32.max - 9)
        #expect(identity.nextSequence == 0)
        let next = identity.successor
        #expect(next?.id == 7)
        #expect(next?.epoch == 1)
        #expect(next?.nextSequence == 0)
    }

    @Test func theLastEpochHasNoSuccessor() {
        #expect(ProducerIdentity(id: 7, epoch: ProducerEpoch(Int16.max - 1)).successor == nil)
    }
}
