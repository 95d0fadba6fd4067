import ApusCore

/// Who was asked for a vote and what they said.
package struct VoteTally: Hashable, Sendable {
    private let majority: Int
    private(set) var ballots: [Ballot]

    struct Ballot: Hashable, Sendable {
        var voter: ReplicaKey
        var vote: Vote
    }

    enum Vote: Hashable, Sendable {
        /// Not heard of. The next request is to go out at `due`; `hasFailed` once one got no response.
        case open(due: Instant, hasFailed: Bool)
        case granted
        case rejected
    }

    /// Nobody has voted but `local`, for itself.
    init(voters: VoterSet, local: NodeID, now: Instant) {
        self.majority = voters.majority
        self.ballots = voters.voters.map { voter in
            Ballot(voter: voter, vote: voter.id == local ? .granted : .open(due: now, hasFailed: false))
        }
    }

    mutating func record(_ vote: Vote, of voter: NodeID) {
        guard let index = self.ballots.firstIndex(where: { $0.voter.id == voter }) else { return }
        guard case .open = self.ballots[index].vote else { return }
        self.ballots[index].vote = vote
    }

    /// In ascending order of node id.
    var grantingVoters: [ReplicaKey] { self.ballots.filter { $0.vote == .granted }.map(\.voter) }

    var isWon: Bool { self.count { $0 == .granted } >= self.majority }

    /// No majority can be had any more; or somebody refused, and of those who have not answered none can be reached.
    /// Where nobody refused, the unreachable are asked again: they may be starting.
    var isLost: Bool {
        let rejected = self.count { $0 == .rejected }
        let hopeful = self.count { vote in
            if case .open(_, hasFailed: false) = vote { true } else { false }
        }
        return self.ballots.count - rejected < self.majority || (rejected > 0 && hopeful == 0 && !self.isWon)
    }

    private func count(_ isCounted: (Vote) -> Bool) -> Int {
        self.ballots.count { isCounted($0.vote) }
    }
}
