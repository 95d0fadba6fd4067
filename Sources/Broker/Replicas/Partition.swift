package import ApusCore
package import LogStorage
import Replication
import Synchronization

/// One replica on this broker: the decisions (`PartitionReplica`) and the log, behind one short lock.
///
/// Any loop that has a request for the partition takes the lock, changes both, and releases it; then it carries out the
/// effects: wakes who waits, proposes ISR changes. Under the lock nothing waits for the disk: where a topic asks for a
/// flush before the acknowledgement, an I/O thread does it without the lock, for all appends until then at once.
package final class Partition: Sendable {
    package let id: TopicIDPartition
    package let topicPartition: TopicPartition
    /// The broker itself.
    let localID: NodeID
    private let state: Mutex<State>

    /// What the lock guards.
    struct State {
        var replica: PartitionReplica
        let log: PartitionLog
        /// What partitions of this topic are checked and stored by.
        var policy: TopicPolicy
        /// Somebody is at it to pay the replica's flush debt.
        var isPayingFlushDebt = false
        /// The high watermark that the log was told: transactions that ended below it are stable.
        fileprivate var notedHighWatermark: Offset = .unknown
    }

    /// - Parameter log: opened and not used elsewhere.
    package init(
        id: TopicIDPartition, topicPartition: TopicPartition, localID: NodeID, policy: TopicPolicy,
        highWatermark: Offset, log: sending PartitionLog
    ) {
        self.id = id
        self.topicPartition = topicPartition
        self.localID = localID
        let replica = PartitionReplica(
            localID: localID, policy: policy.replica,
            log: LogBounds(startOffset: log.logStartOffset, endOffset: log.logEndOffset),
            highWatermark: highWatermark)
        self.state = Mutex(State(replica: replica, log: log, policy: policy))
    }

    /// Runs `body` under the lock. It must not call out: no callback, no log line, no other lock.
    func withState<Result: Sendable, Failure: Error>(
        _ body: (inout sending State) throws(Failure) -> Result
    ) throws(Failure) -> Result {
        try self.state.withLock { (state) throws(Failure) in
            defer { state.noteHighWatermark() }
            return try body(&state)
        }
    }
}

extension Partition.State {
    fileprivate mutating func noteHighWatermark() {
        guard self.replica.highWatermark != self.notedHighWatermark else { return }
        self.notedHighWatermark = self.replica.highWatermark
        self.log.highWatermarkAdvanced(to: self.notedHighWatermark)
    }

    var bounds: LogBounds { LogBounds(startOffset: self.log.logStartOffset, endOffset: self.log.logEndOffset) }

    /// The offset below which no transaction is open.
    var lastStableOffset: Offset {
        self.log.lastStableOffset(highWatermark: self.replica.highWatermark)
    }

    /// The log's end of `epoch`, as replication asks for it.
    func epochEnd(of epoch: LeaderEpoch?) -> EpochEndOffset? {
        guard let epoch else { return nil }
        let end = self.log.epochs.end(of: epoch, logEndOffset: self.log.logEndOffset)
        return EpochEndOffset(leaderEpoch: end.epoch, endOffset: end.endOffset)
    }
}
