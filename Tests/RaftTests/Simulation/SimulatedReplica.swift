import ApusCore
import Raft

/// A record of the simulated log.
struct Entry: Hashable {
    var epoch: LeaderEpoch
    var value: Int
}

/// A snapshot: all records below its end. Its file is as long as `size` says.
struct Snapshot: Hashable {
    var id: OffsetAndEpoch
    var entries: [Entry]

    static let size: Int64 = 100
    static let pieceSize: Int64 = 40
}

/// A log as a disk holds it: `entries` reaches back to offset 0, because what a snapshot replaced is still in it.
struct StoredLog: Hashable {
    var entries: [Entry] = []
    var startOffset: Offset = 0
    var snapshot: Snapshot?

    var endOffset: Offset { Offset(Int64(self.entries.count)) }

    var start: OffsetAndEpoch {
        let index = Int(self.startOffset.rawValue)
        return OffsetAndEpoch(offset: self.startOffset, epoch: index == 0 ? 0 : self.entries[index - 1].epoch)
    }

    /// Built from the records alone, as a recovery does.
    var history: EpochHistory {
        var history = EpochHistory(start: self.start)
        for index in Int(self.startOffset.rawValue)..<self.entries.count {
            history.append(
                epoch: self.entries[index].epoch, from: Offset(Int64(index)), to: Offset(Int64(index + 1)))
        }
        return history
    }

    func entries(from offset: Offset, atMost count: Int) -> [Entry] {
        Array(self.entries[Int(offset.rawValue)...].prefix(count))
    }
}

/// A process with its disk.
struct SimulatedReplica {
    let id: NodeID
    let isVoter: Bool
    /// nil while the process is not running.
    var node: RaftNode?
    /// Counts starts, so that what was sent to an earlier process does not reach a later one.
    var incarnation = 0
    /// On disk, always durable.
    var election = ElectionState.initial
    /// As the running process sees it.
    var log = StoredLog()
    /// What survives a loss of power.
    var durableLog = StoredLog()
    var isFlushing = false
    /// The snapshot that is being received.
    var received: Snapshot?
    /// The highest offset this process announced as committed.
    var highWatermark: Offset = .unknown
    var queue: [RaftEffect] = []
}
