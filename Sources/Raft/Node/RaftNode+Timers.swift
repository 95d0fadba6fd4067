import ApusCore

/// Time: what is due is done at the end of every input, and one timer stands for all that is not due yet.
extension RaftNode {
    /// Ends an input: acts on every deadline that has passed, sends what is due, and arms the timer.
    mutating func settle(_ now: Instant, _ effects: inout [RaftEffect]) {
        for request in self.outstanding where request.deadline <= now {
            // An earlier one of these may have ended the role, and all its requests with it.
            if self.takeOutstanding(request.id) != nil {
                self.handleFailure(of: request, .noAnswer, now, &effects)
            }
        }
        self.actOnDeadlines(now, &effects)
        self.sendWhatIsDue(now, &effects)
        self.armTimer(&effects)
    }

    private mutating func actOnDeadlines(_ now: Instant, _ effects: inout [RaftEffect]) {
        switch self.role {
        case .unattached(let state):
            if state.electionDeadline <= now { self.becomeProspective(lostLeader: nil, now, &effects) }
        case .prospective(let state):
            if state.electionDeadline <= now { self.losePreVote(now, &effects) }
        case .candidate(let state):
            if state.electionDeadline <= now {
                if !state.isGivenUp { self.electionsLost += 1 }
                self.becomeProspective(lostLeader: nil, now, &effects)
            }
        case .follower(let state):
            if state.electionDeadline <= now { self.leaveLeader(now, &effects) }
        case .leader(let state):
            if self.checkQuorumDeadline(of: state) <= now {
                self.becomeResigned(now, &effects)
            } else {
                self.answerParked(now, &effects) { $0.deadline <= now }
            }
        case .resigned(let state):
            // Its own vote keeps this replica from every other leader of this epoch, so it leaves the epoch.
            if state.electionDeadline <= now { self.becomeUnattached(epoch: self.epoch + 1, now, &effects) }
        }
    }

    private mutating func sendWhatIsDue(_ now: Instant, _ effects: inout [RaftEffect]) {
        switch self.role {
        case .unattached: self.sendDiscovery(now, &effects)
        case .prospective(let state): self.sendVoteRequests(state.tally, isPreVote: true, now, &effects)
        case .candidate(let state): self.sendVoteRequests(state.tally, isPreVote: false, now, &effects)
        case .follower: self.sendFetch(now, &effects)
        case .leader: self.sendBeginQuorumEpoch(now, &effects)
        case .resigned: self.sendEndQuorumEpoch(now, &effects)
        }
    }

    /// Moves the timer only forward in time to an earlier instant: one that fires too early costs less than one that is
    /// moved with every fetch.
    private mutating func armTimer(_ effects: inout [RaftEffect]) {
        let next = self.nextDeadline
        guard next != .distantFuture else { return }
        if let armedTimer, armedTimer <= next { return }
        self.armedTimer = next
        effects.append(.setTimer(at: next))
    }

    private var nextDeadline: Instant {
        var next = Instant.distantFuture
        for request in self.outstanding { next = min(next, request.deadline) }
        switch self.role {
        case .unattached(let state):
            next = min(next, state.electionDeadline)
            if let discovery = state.discovery, self.outstanding.isEmpty { next = min(next, discovery.nextAttempt) }
        case .prospective(let state):
            next = min(next, state.electionDeadline, self.nextRequest(of: state.tally))
        case .candidate(let state):
            next = min(next, state.electionDeadline, self.nextRequest(of: state.tally))
        case .follower(let state):
            next = min(next, state.electionDeadline, state.fetching.due ?? .distantFuture)
        case .leader(let state):
            next = min(next, self.checkQuorumDeadline(of: state))
            for voter in state.voters where !self.isWaiting(for: voter.replica.id) {
                next = min(next, self.noticeDue(for: voter))
            }
            for fetch in state.parked { next = min(next, fetch.deadline) }
        case .resigned(let state):
            next = min(next, state.electionDeadline)
            for notice in state.unacknowledged where !self.isWaiting(for: notice.voter.id) {
                next = min(next, notice.due)
            }
        }
        return next
    }

    private func nextRequest(of tally: VoteTally) -> Instant {
        var next = Instant.distantFuture
        guard !tally.isLost else { return next }
        for ballot in tally.ballots where !self.isWaiting(for: ballot.voter.id) {
            if case .open(let due, _) = ballot.vote { next = min(next, due) }
        }
        return next
    }

    // MARK: Requests on their way

    func isWaiting(for peer: NodeID) -> Bool {
        self.outstanding.contains { $0.peer == peer }
    }

    mutating func takeOutstanding(_ id: OutboundRequestID) -> OutstandingRequest? {
        guard let index = self.outstanding.firstIndex(where: { $0.id == id }) else { return nil }
        return self.outstanding.remove(at: index)
    }

    mutating func send(
        _ request: RaftRequest, to peer: NodeID, timeout: Interval, _ now: Instant, _ effects: inout [RaftEffect]
    ) {
        precondition(peer != self.localID && !self.isWaiting(for: peer))
        let id = self.nextRequestID
        self.nextRequestID += 1
        self.outstanding.append(OutstandingRequest(id: id, peer: peer, deadline: now + timeout))
        effects.append(.send(id, to: peer, request))
    }

    // MARK: Waits

    /// A random interval in `0..<bound`.
    mutating func randomInterval(below bound: Interval) -> Interval {
        Interval(nanoseconds: Int64.random(in: 0..<max(1, bound.nanoseconds), using: &self.random))
    }

    /// Between one and two election timeouts.
    mutating func randomElectionTimeout() -> Interval {
        self.configuration.electionTimeout + self.randomInterval(below: self.configuration.electionTimeout)
    }

    /// The wait after a lost election: random, and longer with each lost one.
    mutating func electionBackoff() -> Interval {
        let shift = min(self.electionsLost, 16)
        let bound = Interval(nanoseconds: RaftConfiguration.electionBackoffMin.nanoseconds << shift)
        return self.randomInterval(below: min(bound, self.configuration.electionBackoffMax))
    }
}

extension [RaftEffect] {
    /// Adds a `persist`, in place of one that nothing has followed yet.
    mutating func persist(_ election: ElectionState) {
        if case .persist = self.last { self.removeLast() }
        self.append(.persist(election))
    }
}
