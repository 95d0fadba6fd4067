package import ApusCore

/// The number of a proposed ISR change, unique in one replica's life; the answer of the controller carries it back.
package struct ISRProposalID: Hashable, Sendable {
    package var rawValue: UInt64

    package init(rawValue: UInt64) {
        self.rawValue = rawValue
    }
}

/// A change of the ISR that a leader asks of the controller: one partition of `AlterPartitionRequest`.
///
/// It is answered exactly once by `PartitionReplica.alterPartitionCompleted`; a lost connection is answered with
/// `ErrorCode.networkException`. When the request times out, its connection must be closed before the answer is given,
/// so that the controller cannot commit a request that the leader has given up.
package struct ISRProposal: Equatable, Sendable {
    /// A member of the proposed ISR with the epoch of the registration under which it fetched, or -1 (KIP-903).
    package struct Member: Equatable, Sendable {
        package var id: NodeID
        package var brokerEpoch: BrokerEpoch

        package init(id: NodeID, brokerEpoch: BrokerEpoch) {
            self.id = id
            self.brokerEpoch = brokerEpoch
        }
    }

    package var id: ISRProposalID
    package var leaderEpoch: LeaderEpoch
    /// The partition epoch on which the proposal rests.
    package var partitionEpoch: PartitionEpoch
    /// The ISR in ascending order of id; always holds the leader.
    package var isr: [Member]
    package var recoveryState: LeaderRecoveryState
    /// It must not be sent earlier: a retry waits for the backoff.
    package var notBefore: Instant

    package init(
        id: ISRProposalID, leaderEpoch: LeaderEpoch, partitionEpoch: PartitionEpoch, isr: [Member],
        recoveryState: LeaderRecoveryState, notBefore: Instant
    ) {
        self.id = id
        self.leaderEpoch = leaderEpoch
        self.partitionEpoch = partitionEpoch
        self.isr = isr
        self.recoveryState = recoveryState
        self.notBefore = notBefore
    }
}

/// The controller's answer to one proposal.
package enum ISRProposalOutcome: Equatable, Sendable {
    /// The partition's state after the change, from the response.
    case committed(
        leaderEpoch: LeaderEpoch, partitionEpoch: PartitionEpoch, isr: [NodeID], recoveryState: LeaderRecoveryState)
    /// The partition's code, the response's code, or `networkException`.
    case refused(ErrorCode)
}

/// A proposal under way, and whom it would add.
struct PendingISRChange: Equatable, Sendable {
    var proposal: ISRProposal
    /// The replica that joins; `nil` for a shrink, which excludes nobody until it is committed.
    var added: NodeID?
}
