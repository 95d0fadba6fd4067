import ApusCore
import LogStorage
import Replication

/// The replicas on this broker, counted.
struct PartitionCensus: Equatable, Sendable {
    var replicas = 0
    var leaders = 0
    /// Of those led here: the ISR has fewer members than the assignment.
    var underReplicated = 0
    /// Of those led here: acks=all is refused.
    var underMinISR = 0
    /// Of those led here: an ISR change waits for the controller.
    var pendingISRChanges = 0
    var logBytes: Int64 = 0
    var segments = 0
    /// Replicas whose log failed and takes nothing more.
    var failedLogs = 0

    init() {}

    init(_ partitions: [Partition]) {
        for partition in partitions { partition.withState { self.add($0) } }
    }

    private mutating func add(_ state: borrowing Partition.State) {
        self.replicas += 1
        self.logBytes += state.log.size
        self.segments += state.log.segmentCount
        if state.log.isFailed { self.failedLogs += 1 }
        guard let leader = state.replica.leaderRole else { return }
        let assigned = leader.replicas.count + 1
        self.leaders += 1
        if leader.isr.count < assigned { self.underReplicated += 1 }
        if leader.isr.count < min(assigned, state.replica.policy.minInSyncReplicas) { self.underMinISR += 1 }
        if leader.hasPendingISRChange { self.pendingISRChanges += 1 }
    }
}
