import ApusCore
import LogStorage
import Raft

/// From what is on the disk to the machine.
extension QuorumDriver {
    static func recovered(
        _ configuration: RaftConfiguration, _ log: MetadataLog, wallClock: Timestamp, seed: UInt64
    ) throws(LogError) -> RaftNode {
        try self.discardContradicted(log, wallClock)
        // A process that was killed leaves records in the page cache that no flush has covered.
        try log.log.flush()
        var history = EpochHistory(start: log.startSnapshot.map { OffsetAndEpoch($0) } ?? .zero)
        let entries = log.log.epochs.entries.map { EpochHistory.Entry(epoch: $0.epoch, startOffset: $0.startOffset) }
        if log.log.logEndOffset > history.endOffset {
            history = EpochHistory(start: history.start, entries: entries, endOffset: log.log.logEndOffset)
        }
        var election = try log.quorumState().map(ElectionState.init) ?? .initial
        if election.epoch < history.lastEpoch {
            // The state was lost, the log was not: what it says of epochs is the least that is true.
            election = ElectionState(epoch: history.lastEpoch)
        }
        return RaftNode(
            configuration: configuration, election: election, log: history,
            snapshotID: log.latestSnapshot.map { OffsetAndEpoch($0) }, seed: seed)
    }

    /// A snapshot that was received, but had not taken the log's place when the process ended, takes it now: the log holds
    /// other records at its end than those it stands for.
    private static func discardContradicted(_ log: MetadataLog, _ wallClock: Timestamp) throws(LogError) {
        guard let id = log.latestSnapshot, id.offset > log.log.logStartOffset else { return }
        let last = log.log.epochs.entries.last { $0.startOffset < id.offset }
        guard last?.epoch != id.epoch else { return }
        try log.install(id, now: wallClock)
    }
}

extension ElectionState {
    init(_ state: QuorumState) {
        self.init(
            epoch: state.leaderEpoch, leaderID: state.leaderID < 0 ? nil : state.leaderID,
            voted: state.votedID < 0
                ? nil : ReplicaKey(id: state.votedID, directoryID: state.votedDirectoryID ?? .zero))
    }
}
