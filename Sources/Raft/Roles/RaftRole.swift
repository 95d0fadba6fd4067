package import ApusCore

/// The part a replica plays in its epoch. The epoch itself, its leader and the vote given in it are in
/// `RaftNode.election`, because they outlive the role and the process.
///
/// | From | To | Cause |
/// |---|---|---|
/// | unattached | unattached | a higher epoch is seen, or a vote is given |
/// | unattached | prospective | the election delay is over (voters) |
/// | unattached | follower | a leader is found in this epoch or a higher one |
/// | prospective | candidate | a majority would vote for this replica |
/// | prospective | unattached | no majority would, or a higher epoch is seen, or a vote is given |
/// | prospective | follower | no majority would, and a leader was known; or a leader is found |
/// | candidate | leader | a majority voted for this replica |
/// | candidate | prospective | the election was lost or ran out of time |
/// | candidate | unattached | a higher epoch is seen |
/// | candidate | follower | a leader is found in this epoch or a higher one |
/// | follower | prospective | the fetch timeout is over, or the connection to the leader broke (voters) |
/// | follower | unattached | a higher epoch is seen; for a replica that is no voter, its leader is gone |
/// | follower | follower | a leader is found in a higher epoch |
/// | leader | resigned | shutdown, a request to resign, or no majority fetches |
/// | leader | unattached | a higher epoch is seen |
/// | leader | follower | a leader is found in a higher epoch |
/// | resigned | unattached | the election timeout is over (in the next epoch), or a higher epoch is seen |
/// | resigned | follower | a leader is found in a higher epoch |
///
/// A replica that is no voter is unattached or a follower. Source: KIP-595, KIP-996.
package enum RaftRole: Hashable, Sendable {
    case unattached(UnattachedState)
    case prospective(ProspectiveState)
    case candidate(CandidateState)
    case follower(FollowerState)
    case leader(LeaderState)
    case resigned(ResignedState)

    /// Which part it is, without the details: for metrics and the log.
    package enum Name: String, Hashable, Sendable {
        case unattached
        case prospective
        case candidate
        case follower
        case leader
        case resigned
    }

    package var name: Name {
        switch self {
        case .unattached: .unattached
        case .prospective: .prospective
        case .candidate: .candidate
        case .follower: .follower
        case .leader: .leader
        case .resigned: .resigned
        }
    }
}

/// No leader is known.
package struct UnattachedState: Hashable, Sendable {
    /// When a voter stands for election.
    var electionDeadline: Instant
    /// A replica that is no voter asks the voters in turn for the leader: when, and whom next.
    var discovery: Discovery?

    struct Discovery: Hashable, Sendable {
        var nextAttempt: Instant
        /// Index of the next voter to ask, taken modulo their number.
        var voterIndex: Int
    }
}

/// Asks whether it would be elected, before it takes a new epoch (KIP-996).
package struct ProspectiveState: Hashable, Sendable {
    var tally: VoteTally
    var electionDeadline: Instant
    /// The leader of this epoch that was lost, to return to if nobody else has lost it.
    var lostLeader: LostLeader?

    struct LostLeader: Hashable, Sendable {
        var id: NodeID
        /// Its connection broke; so the next attempt need not wait for the fetch timeout.
        var isUnreachable: Bool
    }
}

/// Asks for votes in a new epoch, having voted for itself.
package struct CandidateState: Hashable, Sendable {
    var tally: VoteTally
    /// When the election is given up; sooner than the election timeout once it is lost.
    var electionDeadline: Instant
    var isGivenUp = false
}

/// Led by another replica.
package struct FollowerState: Hashable, Sendable {
    package let leaderID: NodeID
    /// When the replica stands for election: a fetch timeout after it last heard the leader, or sooner.
    var electionDeadline: Instant
    /// Whether the leader answered the last fetch. While it does, no pre-vote is granted.
    package internal(set) var isHearingLeader = false
    /// Whether the connection to the leader broke since it was last heard.
    var isLeaderUnreachable = false
    /// The highest high watermark the leader told; this replica's own is limited by its log.
    var leaderHighWatermark: Offset = .unknown
    var fetching: Fetching

    enum Fetching: Hashable, Sendable {
        /// The next request is to go out at this instant.
        case due(Instant)
        case waitingForResponse
        /// The driver is appending what was fetched.
        case appending
        /// What was appended has to be durable before the next fetch acknowledges it.
        case flushing
        /// The next request for the snapshot is to go out at `due`.
        case snapshotDue(SnapshotDownload, Instant)
        case waitingForSnapshotPiece(SnapshotDownload)
        /// The driver is verifying and installing the snapshot.
        case installing(OffsetAndEpoch)

        /// When the next request is to go out, if nothing else has to happen first.
        var due: Instant? {
            switch self {
            case .due(let due), .snapshotDue(_, let due): due
            case .waitingForResponse, .appending, .flushing, .waitingForSnapshotPiece, .installing: nil
            }
        }
    }

    struct SnapshotDownload: Hashable, Sendable {
        var snapshotID: OffsetAndEpoch
        /// How much of the file is here, in bytes.
        var position: Int64
    }
}

/// Was the leader of this epoch and stepped down. It votes for nobody in this epoch.
package struct ResignedState: Hashable, Sendable {
    /// The best successors first.
    var preferredCandidates: [ReplicaKey]
    /// Voters who were not yet told, and when each is to be told next.
    var unacknowledged: [Notice]
    /// When the replica enters the next epoch to take part in elections again.
    var electionDeadline: Instant

    struct Notice: Hashable, Sendable {
        var voter: ReplicaKey
        var due: Instant
    }
}
