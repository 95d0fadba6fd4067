package import ApusCore

/// What a replica must not forget: its epoch, the leader it saw in it and the vote it gave in it.
///
/// This is the content of the `quorum-state` file. Whoever restarts with an older one may vote twice.
/// Source: QuorumStateData version 1.
package struct ElectionState: Hashable, Sendable {
    package var epoch: LeaderEpoch
    /// The leader that was seen in `epoch`. No vote is given in an epoch that has had a leader.
    package var leaderID: NodeID?
    /// Who got this replica's vote in `epoch`.
    package var voted: ReplicaKey?

    package init(epoch: LeaderEpoch, leaderID: NodeID? = nil, voted: ReplicaKey? = nil) {
        precondition(epoch >= 0)
        self.epoch = epoch
        self.leaderID = leaderID
        self.voted = voted
    }

    /// The state of a replica that never took part in an election.
    package static var initial: ElectionState { ElectionState(epoch: 0) }
}
