package import ApusCore

/// How an operation ended, as far as its client can know.
package enum OperationOutcome: UInt8, Hashable, Sendable {
    /// It happened, and the cluster promised to keep it.
    case ok
    /// It may have happened, may happen later, or may never.
    case info
    /// It did not happen and never will.
    case fail

    /// What the error of a write tells. Only what is refused before anything can have been stored is a `fail`.
    ///
    /// NOT_LEADER_OR_FOLLOWER, a lost connection, a timeout and UNKNOWN_SERVER_ERROR tell nothing (KAFKA-13574).
    package init(ofSend code: ErrorCode) {
        switch code {
        case .noError: self = .ok
        case .producerFenced, .outOfOrderSequenceNumber, .invalidProducerEpoch, .invalidTopicException,
            .unknownTopicOrPartition, .topicAuthorizationFailed, .groupAuthorizationFailed,
            .clusterAuthorizationFailed, .transactionalIDAuthorizationFailed:
            self = .fail
        default: self = .info
        }
    }
}

/// What a client asked for.
package enum ClientAction: Hashable, Sendable {
    /// Sends and polls, done as one: a plain send or poll has steps of one kind, a transaction may have both.
    case steps([ClientStep])
    /// The client reads exactly these partitions from now on; those it read before keep their positions.
    case assign([TopicPartition])
    /// The client reads these topics from now on, by what a group gives it.
    case subscribe([String])
    /// The client chose other positions for these partitions.
    case seek([TopicPartition])
}

/// One thing that one client did, from its call to its end.
package struct ClientOperation: Hashable, Sendable {
    package var process: ProcessID
    package var began: Instant
    /// `distantFuture` where the client never heard of an end.
    package var ended: Instant
    package var outcome: OperationOutcome
    package var action: ClientAction

    package init(
        process: ProcessID, began: Instant, ended: Instant, outcome: OperationOutcome, action: ClientAction
    ) {
        self.process = process
        self.began = began
        self.ended = ended
        self.outcome = outcome
        self.action = action
    }

    /// The parts of a send, poll or transaction; empty for what only changes what is read.
    package var steps: [ClientStep] {
        guard case .steps(let steps) = self.action else { return [] }
        return steps
    }
}
