import ApusCore
import History
import Testing

struct OperationOutcomeTests {
    @Test(
        "Errors that tell nothing are unknown ends",
        arguments: [
            ErrorCode.notLeaderOrFollower, .networkException, .requestTimedOut, .unknownServerError,
            .notEnoughReplicasAfterAppend,
        ])
    func unknown(code: ErrorCode) {
        #expect(OperationOutcome(ofSend: code) == .info)
    }

    @Test(
        "Errors that come before anything is stored are failures",
        arguments: [
            ErrorCode.producerFenced, .outOfOrderSequenceNumber, .topicAuthorizationFailed, .invalidTopicException,
            .unknownTopicOrPartition, .invalidProducerEpoch,
        ])
    func failed(code: ErrorCode) {
        #expect(OperationOutcome(ofSend: code) == .fail)
        #expect(OperationOutcome(ofSend: .noError) == .ok)
    }
}
