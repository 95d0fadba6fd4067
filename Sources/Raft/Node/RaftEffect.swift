package import ApusCore

/// What a driver must do, strictly in order, and before it gives the machine its next input.
///
/// Some effects ask for an input (`appended`, `snapshotInstalled`): that one is given at once, and the effects it
/// returns come after all that are still to be done.
///
/// An effect that cannot be done (the disk fails) ends the process: the machine has gone on already.
package enum RaftEffect: Hashable, Sendable {
    /// Replace the `quorum-state` file; it must be durable before the next effect.
    case persist(ElectionState)
    /// Send a request. Report the response, or the failure, under its id.
    case send(OutboundRequestID, to: NodeID, RaftRequest)
    /// Answer a request that was received. For `Content.records` the driver reads the records, for a piece of a
    /// snapshot the bytes.
    case respond(InboundRequestID, RaftResponse)
    /// Remove every record from this offset on.
    case truncate(to: Offset)
    /// Append a leader change control batch, and report it with `appended`.
    case appendLeaderChange(LeaderChange)
    /// Append the records that came with the response just received and report each batch with `appended`; if none of
    /// them can be appended, call `appendRefused`.
    case appendFetchedRecords
    /// Write the bytes that came with the response just received at this position of the snapshot being received. A
    /// piece at position 0 begins the snapshot anew.
    case appendSnapshotPiece(OffsetAndEpoch, position: Int64)
    /// The snapshot has been received whole. Verify it, make it durable, let an empty log begin after it, and report
    /// `snapshotInstalled`; if it is damaged, remove it and call `snapshotRefused`.
    case installSnapshot(OffsetAndEpoch)
    /// This replica leads from now on, its leader change record appended. Records may be appended; earlier ones are known to be committed, and what they
    /// say is complete, only at `leadershipEstablished`.
    case becameLeader(LeaderEpoch)
    /// The first record of this replica's own epoch is committed, and with it all before.
    case leadershipEstablished(LeaderEpoch)
    /// This replica no longer leads in this epoch. What it appended without commit may be lost.
    case resigned(LeaderEpoch)
    /// Another replica leads.
    case becameFollower(of: NodeID, LeaderEpoch)
    /// Nobody is known to lead in this epoch, and the leader told before leads no longer, or not for this replica.
    case leaderLost(LeaderEpoch)
    /// All records below the offset are committed. It never goes back.
    case highWatermarkAdvanced(to: Offset)
    /// Call `timerFired` at this instant; it replaces the timer set before.
    case setTimer(at: Instant)
    /// Another replica breaks the rules of the quorum. For the log: the machine has protected itself already.
    case report(RaftAnomaly)
}

/// What the control record says with which a leader begins its epoch (LeaderChangeMessage version 1).
package struct LeaderChange: Hashable, Sendable {
    package var epoch: LeaderEpoch
    package var leaderID: NodeID
    /// In ascending order.
    package var voters: [ReplicaKey]
    /// Those of `voters` who elected the leader, in ascending order.
    package var grantingVoters: [ReplicaKey]

    package init(epoch: LeaderEpoch, leaderID: NodeID, voters: [ReplicaKey], grantingVoters: [ReplicaKey]) {
        self.epoch = epoch
        self.leaderID = leaderID
        self.voters = voters
        self.grantingVoters = grantingVoters
    }
}
