import ApusCore

/// Asking for votes and giving them.
extension RaftNode {
    // MARK: Giving

    mutating func receiveVote(
        _ request: RaftRequest.Vote, _ id: InboundRequestID, _ now: Instant, _ effects: inout [RaftEffect]
    ) {
        if let error = self.refusal(of: request) {
            return effects.append(.respond(id, .vote(self.header(error), isGranted: false)))
        }
        if request.epoch > self.epoch { self.becomeUnattached(epoch: request.epoch, now, &effects) }
        guard self.isMeant(by: request.voter) else {
            return effects.append(.respond(id, .vote(self.header(.invalidVoterKey), isGranted: false)))
        }
        let isGranted = request.isPreVote ? self.wouldVote(for: request) : self.votes(for: request)
        if isGranted {
            if request.isPreVote {
                self.standBack(now)
            } else if self.election.voted == nil {
                self.election.voted = request.candidate
                effects.persist(self.election)
                self.becomeUnattached(
                    epoch: self.epoch, electionDeadline: now + self.randomElectionTimeout(), now, &effects)
            }
        }
        effects.append(.respond(id, .vote(self.header(), isGranted: isGranted)))
    }

    private func refusal(of request: RaftRequest.Vote) -> ErrorCode? {
        let lastEpoch = request.logEnd.epoch
        let isEpochPossible = request.isPreVote ? lastEpoch <= request.epoch : lastEpoch < request.epoch
        guard isEpochPossible, lastEpoch >= 0, request.logEnd.offset >= 0, request.candidate.id != self.localID else {
            return .invalidRequest
        }
        guard request.epoch >= self.epoch else { return .fencedLeaderEpoch }
        guard self.configuration.isVoter, self.configuration.voters.contains(request.candidate) else {
            return .inconsistentVoterSet
        }
        return nil
    }

    /// Whether a request that names the voter it is for has come to the right one.
    func isMeant(by voter: ReplicaKey?) -> Bool {
        voter?.matches(self.configuration.local) ?? true
    }

    private func wouldVote(for request: RaftRequest.Vote) -> Bool {
        let isUpToDate = request.logEnd.isAtLeastAsUpToDate(as: self.log.end)
        switch self.role {
        case .unattached, .prospective, .candidate, .resigned: return isUpToDate
        case .follower(let follower): return isUpToDate && !follower.isHearingLeader
        case .leader: return false
        }
    }

    private func votes(for request: RaftRequest.Vote) -> Bool {
        switch self.role {
        case .unattached, .prospective:
            if let voted = self.election.voted { return voted.matches(request.candidate) }
            return self.election.leaderID == nil && request.logEnd.isAtLeastAsUpToDate(as: self.log.end)
        case .candidate, .follower, .leader, .resigned:
            return false
        }
    }

    /// Leaves the replica that would be elected the time to be; two that stand at once split the votes.
    private mutating func standBack(_ now: Instant) {
        let earliest =
            now + RaftConfiguration.electionBackoffMin
            + self.randomInterval(below: RaftConfiguration.electionBackoffMin)
        switch self.role {
        case .unattached(var state):
            state.electionDeadline = max(state.electionDeadline, earliest)
            self.role = .unattached(state)
        case .follower(var state):
            state.electionDeadline = max(state.electionDeadline, earliest)
            self.role = .follower(state)
        case .prospective, .candidate, .leader, .resigned:
            break
        }
    }

    // MARK: Asking

    mutating func sendVoteRequests(
        _ tally: VoteTally, isPreVote: Bool, _ now: Instant, _ effects: inout [RaftEffect]
    ) {
        guard !tally.isLost else { return }
        for ballot in tally.ballots {
            guard case .open(let due, _) = ballot.vote, due <= now, !self.isWaiting(for: ballot.voter.id) else {
                continue
            }
            let request = RaftRequest.Vote(
                epoch: self.epoch, candidate: self.configuration.local, voter: ballot.voter, logEnd: self.log.end,
                isPreVote: isPreVote)
            self.send(
                .vote(request), to: ballot.voter.id, timeout: self.configuration.requestTimeout, now, &effects)
        }
    }

    mutating func receiveVoteResponse(
        _ header: RaftResponse.Header, isGranted: Bool, from voter: NodeID, _ now: Instant,
        _ effects: inout [RaftEffect]
    ) {
        let vote: VoteTally.Vote
        switch header.error {
        case .noError: vote = isGranted ? .granted : .rejected
        case .unsupportedVersion:
            // A voter that does not know pre-vote would not refuse it either.
            vote = self.isProspective ? .granted : self.openVote(now)
        default: vote = self.openVote(now)
        }
        self.record(vote, of: voter, now, &effects)
    }

    func openVote(_ now: Instant) -> VoteTally.Vote {
        .open(due: now + self.configuration.retryBackoff, hasFailed: true)
    }

    /// Counts a vote, a refusal or a failure, and acts on what the count then says.
    mutating func record(
        _ vote: VoteTally.Vote, of voter: NodeID, _ now: Instant, _ effects: inout [RaftEffect]
    ) {
        switch self.role {
        case .prospective(var state):
            state.tally.record(vote, of: voter)
            self.role = .prospective(state)
            if state.tally.isWon {
                self.becomeCandidate(now, &effects)
            } else if state.tally.isLost {
                self.losePreVote(now, &effects)
            }
        case .candidate(var state):
            state.tally.record(vote, of: voter)
            if !state.tally.isWon, state.tally.isLost, !state.isGivenUp {
                state.isGivenUp = true
                self.electionsLost += 1
                state.electionDeadline = min(state.electionDeadline, now + self.electionBackoff())
            }
            self.role = .candidate(state)
            if state.tally.isWon { self.becomeLeader(elected: state.tally.grantingVoters, now, &effects) }
        case .unattached, .follower, .leader, .resigned:
            break
        }
    }

    private var isProspective: Bool {
        if case .prospective = self.role { true } else { false }
    }

    /// Nobody else has lost the leader, or somebody holds more of the log: waits, with the leader it had if any.
    mutating func losePreVote(_ now: Instant, _ effects: inout [RaftEffect]) {
        guard case .prospective(let state) = self.role else { return }
        self.electionsLost += 1
        let backoff = self.electionBackoff()
        guard let leader = state.lostLeader else {
            return self.becomeUnattached(epoch: self.epoch, electionDeadline: now + backoff, now, &effects)
        }
        self.becomeFollower(of: leader.id, epoch: self.epoch, now, &effects)
        guard leader.isUnreachable, case .follower(var follower) = self.role else { return }
        follower.isLeaderUnreachable = true
        follower.electionDeadline = now + RaftConfiguration.leaderLossDelay.lowerBound + backoff
        self.role = .follower(follower)
    }
}
