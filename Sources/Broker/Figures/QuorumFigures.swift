package import ApusCore
package import Raft

/// A replica of the metadata log at a moment, for whoever checks what must hold.
package struct QuorumFigures: Equatable, Sendable {
    package let id: NodeID
    package let role: RaftRole.Name
    /// What this replica has voted and knows of the leader; on the disk, or about to be.
    package let election: ElectionState
    /// The leader of the epoch, where this replica leads or follows one.
    package let leader: NodeID?
    package let logStartOffset: Offset
    package let logEndOffset: Offset
    /// Everything below is on the disk.
    package let flushedOffset: Offset
    /// Everything below is committed; nil until it is known after a start.
    package let highWatermark: Offset?
    /// Where the epochs of the log begin.
    package let epochs: [EpochHistory.Entry]
    /// The latest snapshot.
    package let snapshot: OffsetAndEpoch?

    init(_ raft: RaftNode) {
        self.id = raft.configuration.local.id
        self.role = raft.role.name
        self.election = raft.election
        self.leader = raft.leaderID
        self.logStartOffset = raft.log.start.offset
        self.logEndOffset = raft.log.endOffset
        self.flushedOffset = raft.flushedOffset
        self.highWatermark = raft.highWatermark
        self.epochs = raft.log.entries
        self.snapshot = raft.snapshotID
    }
}
