/// A promise that was seen broken.
package struct Violation: Error, Hashable, Sendable, CustomStringConvertible {
    package var promise: Promise
    /// What was seen, with nodes, partitions, epochs and offsets.
    package var detail: String

    package init(_ promise: Promise, _ detail: String) {
        self.promise = promise
        self.detail = detail
    }

    package var description: String { "\(self.promise.rawValue): \(self.detail)" }
}

/// What must hold in every world. The raw values are what reports and tables call them.
package enum Promise: String, Hashable, Sendable, CaseIterable {
    /// One node leads the quorum in an epoch, and all know it as the same.
    case oneQuorumLeader = "one-quorum-leader"
    /// A node's quorum epoch never falls, restarts included.
    case monotonicQuorumEpoch = "monotonic-quorum-epoch"
    /// A node gives one vote in an epoch and remembers it.
    case oneVote = "one-vote"
    /// All nodes have the same committed metadata records.
    case sameMetadata = "same-metadata"
    /// Who leads the quorum has all that is committed.
    case completeQuorumLeader = "complete-quorum-leader"
    /// One broker leads a partition in a leader epoch: the one that the controller named.
    case onePartitionLeader = "one-partition-leader"
    /// The controller names no leader that is fenced.
    case servingLeader = "serving-leader"
    /// A replica's epochs never fall while its process lives.
    case monotonicEpochs = "monotonic-epochs"
    /// What a leader calls its ISR was committed by the controller with that partition epoch.
    case committedISR = "committed-isr"
    /// A high watermark never falls while its leader leads, and nobody is ahead of all leaders.
    case monotonicHighWatermark = "monotonic-high-watermark"
    /// Below its high watermark a replica has what is committed.
    case samePrefix = "same-prefix"
    /// Every member of the committed ISR has all that is committed.
    case completeISR = "complete-isr"
    /// A new leader has all that is committed.
    case completeLeader = "complete-leader"
    /// Clients are served what is committed, always the same at an offset.
    case servedCommitted = "served-committed"
    /// What was acknowledged to all is committed where the answer says.
    case acknowledgedCommitted = "acknowledged-committed"
    /// A node starts again with what its disk kept.
    case startsAgain = "starts-again"
    /// A cluster whose faults are healed serves again in time.
    case convergence = "convergence"
    /// The clients' histories are those of a log.
    case history = "history"
}
