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

    package init(
        id: NodeID, role: RaftRole.Name, election: ElectionState, leader: NodeID?, logStartOffset: Offset,
        logEndOffset: Offset, flushedOffset: Offset, highWatermark: Offset?, epochs: [EpochHistory.Entry],
        snapshot: OffsetAndEpoch?
    ) {
        self.id = id
        self.role = role
        self.election = election
        self.leader = leader
        self.logStartOffset = logStartOffset
        self.logEndOffset = logEndOffset
        self.flushedOffset = flushedOffset
        self.highWatermark = highWatermark
        self.epochs = epochs
        self.snapshot = snapshot
    }

    init(_ raft: RaftNode) {
        self.init(
            id: raft.configuration.local.id, role: raft.role.name, election: raft.election, leader: raft.leaderID,
            logStartOffset: raft.log.start.offset, logEndOffset: raft.log.endOffset,
            flushedOffset: raft.flushedOffset, highWatermark: raft.highWatermark, epochs: raft.log.entries,
            snapshot: raft.snapshotID)
    }
}
