import ApusCore
import KafkaClient
import Testing

@Suite struct FetchDecisionTests {
    @Test func everyRefusalHasItsConsequence() {
        let expected: [(ErrorCode, FetchDecision)] = [
            (.noError, .proceed), (.offsetOutOfRange, .reset), (.notLeaderOrFollower, .findLeader),
            (.fencedLeaderEpoch, .findLeader), (.unknownLeaderEpoch, .findLeader), (.unknownTopicID, .findLeader),
            (.kafkaStorageError, .findLeader), (.offsetNotAvailable, .retry), (.corruptMessage, .retry),
            (.topicAuthorizationFailed, .fail), (.unsupportedVersion, .fail),
        ]
        for (code, decision) in expected { #expect(FetchDecision(code) == decision, "\(code)") }
    }
}
