package import ApusCore

/// What the driver has to do after one or more inputs of a `PartitionReplica`.
///
/// The driver keeps one value, passes it to every input under the partition's lock, carries out `epochStart` before it
/// releases the lock, the rest in the order of the properties after it, and then calls `removeAll`. Nothing here
/// allocates in the common case: the arrays keep their room.
///
/// Bounded by the waiters of one partition (`ProduceWaiters.capacity`, `FetchWaiters.capacity`).
package struct ReplicaEffects: Equatable, Sendable {
    /// Under the lock: write this entry to the log's leader-epoch cache, before any append.
    package var epochStart: EpochStart?
    /// The high watermark moved to this offset (a follower's may also fall, by truncation): let the log know.
    package var highWatermark: Offset?
    /// The lowest log start of all live replicas rose to this offset: waiting DeleteRecords may complete (KIP-107).
    package var lowWatermark: Offset?
    /// Send this to the controller, not before its instant.
    package var proposal: ISRProposal?
    /// A file of the log failed: the log directory it is in is to be taken out of service. Set by the driver itself.
    package var hasLogFailed = false
    /// Appends whose waiting ended, in the order of their offsets as far as they succeeded.
    package var completedProduces: [ProduceCompletion] = []
    /// Fetches to be evaluated again; an id appears at most once for each of its registrations.
    package var wokenFetches: [FetchWaiterID] = []

    /// The first offset of a leader epoch.
    package struct EpochStart: Equatable, Sendable {
        package var leaderEpoch: LeaderEpoch
        package var startOffset: Offset

        package init(leaderEpoch: LeaderEpoch, startOffset: Offset) {
            self.leaderEpoch = leaderEpoch
            self.startOffset = startOffset
        }
    }

    package init() {}

    /// Whether there is nothing to do.
    package var isEmpty: Bool {
        self.epochStart == nil && self.highWatermark == nil && self.lowWatermark == nil && self.proposal == nil
            && !self.hasLogFailed && self.completedProduces.isEmpty && self.wokenFetches.isEmpty
    }

    /// Makes it empty and keeps the arrays' room.
    package mutating func removeAll() {
        self.epochStart = nil
        self.highWatermark = nil
        self.lowWatermark = nil
        self.proposal = nil
        self.hasLogFailed = false
        self.completedProduces.removeAll(keepingCapacity: true)
        self.wokenFetches.removeAll(keepingCapacity: true)
    }
}
