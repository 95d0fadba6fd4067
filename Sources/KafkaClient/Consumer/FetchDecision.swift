package import ApusCore

/// What follows from a partition's error in a fetch or offset look-up. Pure.
package enum FetchDecision: Hashable, Sendable {
    case proceed
    /// Ask the same broker again after a while.
    case retry
    /// Ask again when the leader is known anew.
    case findLeader
    /// The position is not in the log.
    case reset
    /// It will not get better.
    case fail

    package init(_ code: ErrorCode) {
        switch code {
        case .noError: self = .proceed
        case .offsetOutOfRange: self = .reset
        case .notLeaderOrFollower, .fencedLeaderEpoch, .unknownLeaderEpoch, .leaderNotAvailable, .replicaNotAvailable,
            .unknownTopicOrPartition, .unknownTopicID, .inconsistentTopicID, .kafkaStorageError, .networkException,
            .brokerNotAvailable:
            self = .findLeader
        case .corruptMessage: self = .retry
        default: self = code.isRetriable || code == .unknownServerError ? .retry : .fail
        }
    }
}
