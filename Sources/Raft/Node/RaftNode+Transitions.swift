import ApusCore

/// The transitions between roles, as listed at `RaftRole`.
extension RaftNode {
    /// Enters `epoch`, or stays in it, with no leader known.
    mutating func becomeUnattached(
        epoch: LeaderEpoch, electionDeadline: Instant? = nil, _ now: Instant, _ effects: inout [RaftEffect]
    ) {
        precondition(epoch >= self.epoch)
        let hadLeader = self.announcedLeaderID != nil
        let deadline = electionDeadline ?? min(self.pendingElection, now + self.randomElectionTimeout())
        let parked = self.leaveRole(now, &effects)
        if epoch > self.epoch {
            self.election = ElectionState(epoch: epoch)
            effects.persist(self.election)
        }
        self.role = .unattached(self.unattachedState(electionDeadline: deadline, now: now))
        if hadLeader { effects.append(.leaderLost(epoch)) }
        self.refuse(parked, &effects)
    }

    func unattachedState(electionDeadline: Instant, now: Instant) -> UnattachedState {
        guard self.configuration.isVoter else {
            return UnattachedState(
                electionDeadline: .distantFuture,
                discovery: UnattachedState.Discovery(nextAttempt: now, voterIndex: Int(self.nextRequestID.rawValue)))
        }
        return UnattachedState(electionDeadline: self.isShuttingDown ? .distantFuture : electionDeadline)
    }

    /// Asks whether the others would vote for this replica.
    mutating func becomeProspective(
        lostLeader: ProspectiveState.LostLeader?, _ now: Instant, _ effects: inout [RaftEffect]
    ) {
        precondition(self.configuration.isVoter && !self.isShuttingDown)
        _ = self.leaveRole(now, &effects)
        let state = ProspectiveState(
            tally: VoteTally(voters: self.configuration.voters, local: self.localID, now: now),
            electionDeadline: now + self.randomElectionTimeout(), lostLeader: lostLeader)
        self.role = .prospective(state)
        if state.tally.isWon { self.becomeCandidate(now, &effects) }
    }

    /// Takes a new epoch and votes for itself.
    mutating func becomeCandidate(_ now: Instant, _ effects: inout [RaftEffect]) {
        let hadLeader = self.announcedLeaderID != nil
        _ = self.leaveRole(now, &effects)
        self.election = ElectionState(epoch: self.epoch + 1, voted: self.configuration.local)
        effects.persist(self.election)
        if hadLeader { effects.append(.leaderLost(self.epoch)) }
        let tally = VoteTally(voters: self.configuration.voters, local: self.localID, now: now)
        self.role = .candidate(
            CandidateState(tally: tally, electionDeadline: now + self.randomElectionTimeout()))
        if tally.isWon { self.becomeLeader(elected: tally.grantingVoters, now, &effects) }
    }

    mutating func becomeLeader(elected grantingVoters: [ReplicaKey], _ now: Instant, _ effects: inout [RaftEffect]) {
        _ = self.leaveRole(now, &effects)
        precondition(self.election.voted == self.configuration.local && self.election.leaderID == nil)
        self.electionsLost = 0
        self.election.leaderID = self.localID
        effects.persist(self.election)
        let voters = self.configuration.voters
        self.role = .leader(
            LeaderState(epochStartOffset: self.log.endOffset, voters: voters.others(than: self.localID), now: now))
        effects.append(
            .appendLeaderChange(
                LeaderChange(
                    epoch: self.epoch, leaderID: self.localID, voters: voters.voters, grantingVoters: grantingVoters)))
        effects.append(.becameLeader(self.epoch))
    }

    mutating func becomeFollower(
        of leaderID: NodeID, epoch: LeaderEpoch, _ now: Instant, _ effects: inout [RaftEffect]
    ) {
        precondition(leaderID != self.localID && epoch >= self.epoch)
        let isKnown = self.announcedLeaderID == leaderID && epoch == self.epoch
        let parked = self.leaveRole(now, &effects)
        let voted = epoch == self.epoch ? self.election.voted : nil
        let election = ElectionState(epoch: epoch, leaderID: leaderID, voted: voted)
        if election != self.election {
            self.election = election
            effects.persist(election)
        }
        self.role = .follower(
            FollowerState(
                leaderID: leaderID, electionDeadline: now + self.configuration.fetchTimeout,
                fetching: self.nextFetch(due: now)))
        if !isKnown { effects.append(.becameFollower(of: leaderID, epoch)) }
        self.refuse(parked, &effects)
    }

    /// Steps down without leaving the epoch, and tells the voters who should come next.
    mutating func becomeResigned(_ now: Instant, _ effects: inout [RaftEffect]) {
        guard case .leader(let leader) = self.role else { return }
        let parked = self.leaveRole(now, &effects)
        // The stable order of equally good successors is that of their ids.
        let successors = leader.voters.sorted {
            ($1.fetchOffset, $0.replica) < ($0.fetchOffset, $1.replica)
        }
        self.role = .resigned(
            ResignedState(
                preferredCandidates: successors.map(\.replica),
                unacknowledged: leader.voters.map { ResignedState.Notice(voter: $0.replica, due: now) },
                electionDeadline: self.isShuttingDown ? .distantFuture : now + self.randomElectionTimeout()))
        effects.append(.leaderLost(self.epoch))
        self.refuse(parked, &effects)
    }

    /// Learns of a higher epoch, or of the leader of the current one.
    mutating func observe(
        leaderID: NodeID?, epoch: LeaderEpoch, _ now: Instant, _ effects: inout [RaftEffect]
    ) {
        if let leaderID, leaderID != self.localID, self.configuration.voters.contains(leaderID) {
            if epoch > self.epoch || self.mayFollow(leaderID) {
                self.becomeFollower(of: leaderID, epoch: epoch, now, &effects)
            }
        } else if epoch > self.epoch {
            self.becomeUnattached(epoch: epoch, now, &effects)
        }
    }

    /// Whether `leaderID` can be the leader of the current epoch, and this replica does not follow it yet.
    private func mayFollow(_ leaderID: NodeID) -> Bool {
        switch self.role {
        case .unattached, .candidate: self.election.leaderID == nil || self.election.leaderID == leaderID
        case .prospective(let state): state.lostLeader == nil && self.election.leaderID ?? leaderID == leaderID
        case .follower, .leader, .resigned: false
        }
    }

    /// Ends the present role: its requests are forgotten, and a leader's leadership is over. Returns the fetches that
    /// waited at the leader.
    private mutating func leaveRole(_ now: Instant, _ effects: inout [RaftEffect]) -> [LeaderState.ParkedFetch] {
        self.outstanding.removeAll()
        guard case .leader(let leader) = self.role else { return [] }
        self.leaderHeardAt = now
        effects.append(.resigned(self.epoch))
        return leader.parked
    }

    private func refuse(_ parked: [LeaderState.ParkedFetch], _ effects: inout [RaftEffect]) {
        for fetch in parked {
            effects.append(.respond(fetch.id, .fetch(self.header(.notLeaderOrFollower), .nothing)))
        }
    }

    /// The leader of this epoch that the effects so far have named: a pre-vote does not take it back, since nobody else
    /// may have lost it.
    private var announcedLeaderID: NodeID? {
        if case .prospective(let state) = self.role { state.lostLeader?.id } else { self.leaderID }
    }

    /// When the present role would have started an election anyway.
    private var pendingElection: Instant {
        switch self.role {
        case .unattached(let state): state.electionDeadline
        case .prospective(let state): state.electionDeadline
        case .candidate(let state): state.electionDeadline
        case .follower(let state): state.electionDeadline
        case .leader, .resigned: .distantFuture
        }
    }

    /// What every response tells. A leader that cannot be reached is not passed on.
    func header(_ error: ErrorCode = .noError) -> RaftResponse.Header {
        var leaderID = self.leaderID
        if case .follower(let follower) = self.role, follower.isLeaderUnreachable { leaderID = nil }
        return RaftResponse.Header(error: error, leaderID: leaderID, epoch: self.epoch)
    }
}
