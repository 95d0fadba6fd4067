package import ApusCore
package import LogStorage
package import Raft

/// What a `QuorumDriver` needs of the world around it. All calls come on the driver's own thread, from within one of its
/// inputs; none may wait. Those that say so may call the driver back at once.
package protocol QuorumPort: AnyObject {
    /// The time on the clock that never goes back.
    var now: Instant { get }
    /// The time of day, for what is written.
    var wallClock: Timestamp { get }

    /// Sends a request. Its outcome is reported under `id`, later: `receive`, `requestFailed`, or
    /// `requestIsUnsupported` where the node does not serve `request.versionMin`.
    func send(_ request: QuorumRequest, id: OutboundRequestID, to node: NodeID)

    /// Answers a request that was given to `receive` under `id`. Its connection may be gone by now.
    func respond(_ response: QuorumResponse, to id: InboundRequestID)

    /// Calls `timerFired` at `instant`; takes the place of the timer set before.
    func setTimer(at instant: Instant)

    /// Runs `flush.perform()` where it may wait for the disk, and then calls `flushed` on the driver's thread.
    func perform(_ flush: QuorumFlush)

    /// Runs `files.perform()` where it may wait for the disk. Nobody waits for it.
    func remove(_ files: RemovableFiles)

    /// A snapshot takes the place of everything told before; what is committed after it follows.
    func load(_ snapshot: MetadataSnapshot) throws(QuorumError)

    /// A batch is committed. Batches come in order and without gaps, also to the leader that appended them. The port may
    /// append.
    func committed(_ batch: MetadataBatch)

    /// This is the leader now, as far as this node knows; nil for nobody.
    func leaderChanged(to leader: NodeID?, epoch: LeaderEpoch)

    /// This node leads, and everything that earlier leaders committed was told. The port may append.
    func leadershipEstablished(_ epoch: LeaderEpoch)

    /// This node leads no longer. What it appended and was not told to be committed may be lost or not.
    func leadershipLost(_ epoch: LeaderEpoch)

    /// It is time for a snapshot of all that was committed so far, which ends at `id`. Make one with `beginSnapshot`, here
    /// or elsewhere, and call `snapshotFinished` or `snapshotAbandoned`; the next one is not asked for before.
    func snapshotIsDue(_ id: SnapshotID, lastContainedTimestamp: Timestamp)

    /// Another node breaks the rules of the quorum: for the log.
    func report(_ anomaly: RaftAnomaly)

    /// The driver has stopped and ignores all inputs; the process should end.
    func failed(_ error: QuorumError)
}
