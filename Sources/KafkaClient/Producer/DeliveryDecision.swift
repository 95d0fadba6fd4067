package import ApusCore

/// What became of one attempt to store a batch.
package enum AttemptResult: Hashable, Sendable {
    case answered(ErrorCode)
    /// The connection ended before an answer.
    case lost

    /// Whether the batch may be in some replica's log although it was not acknowledged.
    package var mayBeStored: Bool {
        guard case .answered(let code) = self else { return true }
        return !Self.certainRefusals.contains(code)
    }

    /// Codes that a leader answers before it appends anything. Others may come after, such as NOT_LEADER_OR_FOLLOWER
    /// from a leader that was deposed while it waited for its followers.
    private static let certainRefusals: Set<ErrorCode> = [
        .messageTooLarge, .recordListTooLarge, .corruptMessage, .invalidRecord, .invalidTimestamp, .notEnoughReplicas,
        .invalidTopicException, .topicAuthorizationFailed, .clusterAuthorizationFailed, .unsupportedCompressionType,
        .unsupportedForMessageFormat, .invalidRequiredAcks, .outOfOrderSequenceNumber, .unknownProducerID,
        .invalidProducerEpoch, .unknownTopicID, .policyViolation, .throttlingQuotaExceeded, .unsupportedVersion,
        .producerFenced,
    ]

    package var code: ErrorCode {
        switch self {
        case .answered(let code): code
        case .lost: .networkException
        }
    }
}

/// What follows from an attempt. Pure.
package enum DeliveryDecision: Hashable, Sendable {
    case stored
    /// The same bytes again, as soon as there is a leader that takes them.
    case retry(refreshesLeaders: Bool)
    /// Again, in a new producer epoch: this sequence cannot succeed, and no attempt may have been stored.
    case restamp
    case refused
    case unknown

    /// - Parameters:
    ///   - wasUncertain: an earlier attempt may have been stored.
    ///   - isExpired: the delivery timeout has passed.
    package init(_ result: AttemptResult, wasUncertain: Bool, isIdempotent: Bool, isExpired: Bool) {
        let isUncertain = wasUncertain || result.mayBeStored
        let end: DeliveryDecision = isUncertain ? .unknown : .refused
        switch result {
        case .answered(.noError):
            self = .stored
        case .answered(.duplicateSequenceNumber) where isIdempotent:
            self = .stored
        case .answered(.outOfOrderSequenceNumber), .answered(.unknownProducerID), .answered(.invalidProducerEpoch):
            self = isIdempotent && !isUncertain && !isExpired ? .restamp : end
        case .lost:
            self = isExpired ? end : .retry(refreshesLeaders: true)
        case .answered(let code):
            guard !isExpired, code.isRetriable, code != .corruptMessage else {
                self = end
                return
            }
            switch code {
            case .notEnoughReplicas, .notEnoughReplicasAfterAppend, .requestTimedOut, .throttlingQuotaExceeded:
                self = .retry(refreshesLeaders: false)
            default:
                self = .retry(refreshesLeaders: true)
            }
        }
    }
}
