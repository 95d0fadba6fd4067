import ApusCore

/// What a replica does that does not lead: finds the leader, fetches from it, and notices when it is gone.
extension RaftNode {
    // MARK: News of the leader

    mutating func receiveBeginQuorumEpoch(
        _ request: RaftRequest.BeginQuorumEpoch, _ id: InboundRequestID, _ now: Instant,
        _ effects: inout [RaftEffect]
    ) {
        if let error = self.refusal(ofLeader: request.leaderID, epoch: request.epoch) {
            return effects.append(.respond(id, .beginQuorumEpoch(self.header(error))))
        }
        if case .prospective(let state) = self.role, state.lostLeader?.id == request.leaderID,
            request.epoch == self.epoch
        {
            self.becomeFollower(of: request.leaderID, epoch: request.epoch, now, &effects)
        } else {
            self.observe(leaderID: request.leaderID, epoch: request.epoch, now, &effects)
        }
        var error = ErrorCode.noError
        if !self.isMeant(by: request.voter) {
            error = .invalidVoterKey
        } else if self.leaderID != request.leaderID {
            effects.append(.report(.secondLeader(request.leaderID, request.epoch)))
            error = .invalidRequest
        }
        effects.append(.respond(id, .beginQuorumEpoch(self.header(error))))
    }

    mutating func receiveEndQuorumEpoch(
        _ request: RaftRequest.EndQuorumEpoch, _ id: InboundRequestID, _ now: Instant,
        _ effects: inout [RaftEffect]
    ) {
        if let error = self.refusal(ofLeader: request.leaderID, epoch: request.epoch) {
            return effects.append(.respond(id, .endQuorumEpoch(self.header(error))))
        }
        if request.epoch > self.epoch {
            self.observe(leaderID: request.leaderID, epoch: request.epoch, now, &effects)
        }
        let candidates = request.preferredCandidates
        let place = candidates.firstIndex { $0.matches(self.configuration.local) } ?? candidates.count
        let delay = Interval(
            nanoseconds: RaftConfiguration.successionStep.nanoseconds * Int64(min(place, 64)))
        switch self.role {
        case .follower(var state) where state.leaderID == request.leaderID:
            state.isHearingLeader = false
            state.electionDeadline = min(state.electionDeadline, now + delay)
            self.role = .follower(state)
        case .unattached(var state) where self.configuration.isVoter && !self.isShuttingDown:
            state.electionDeadline = min(state.electionDeadline, now + delay)
            self.role = .unattached(state)
        case .unattached, .prospective, .candidate, .follower, .leader, .resigned:
            break
        }
        effects.append(.respond(id, .endQuorumEpoch(self.header())))
    }

    private func refusal(ofLeader leaderID: NodeID, epoch: LeaderEpoch) -> ErrorCode? {
        guard leaderID != self.localID else { return .invalidRequest }
        guard epoch >= self.epoch else { return .fencedLeaderEpoch }
        guard self.configuration.isVoter, self.configuration.voters.contains(leaderID) else {
            return .inconsistentVoterSet
        }
        return nil
    }

    /// The leader has not been heard for too long.
    mutating func leaveLeader(_ now: Instant, _ effects: inout [RaftEffect]) {
        guard case .follower(let state) = self.role else { return }
        guard self.configuration.isVoter, !self.isShuttingDown else {
            return self.becomeUnattached(epoch: self.epoch, now, &effects)
        }
        let lost = ProspectiveState.LostLeader(id: state.leaderID, isUnreachable: state.isLeaderUnreachable)
        self.becomeProspective(lostLeader: lost, now, &effects)
    }

    // MARK: Asking

    /// A voter fetches again only when all it has is durable, because its fetch acknowledges it.
    func nextFetch(due: Instant) -> FollowerState.Fetching {
        self.configuration.isVoter && self.needsFlush ? .flushing : .due(due)
    }

    mutating func sendFetch(_ now: Instant, _ effects: inout [RaftEffect]) {
        guard case .follower(var state) = self.role else { return }
        switch state.fetching {
        case .due(let due) where due <= now:
            state.fetching = .waitingForResponse
            self.role = .follower(state)
            self.send(
                .fetch(self.fetch(maxWait: self.configuration.fetchMaxWait)), to: state.leaderID,
                timeout: self.configuration.requestTimeout, now, &effects)
        case .snapshotDue(let download, let due) where due <= now:
            state.fetching = .waitingForSnapshotPiece(download)
            self.role = .follower(state)
            let request = RaftRequest.FetchSnapshot(
                epoch: self.epoch, replica: self.configuration.local, snapshotID: download.snapshotID,
                position: download.position)
            self.send(
                .fetchSnapshot(request), to: state.leaderID, timeout: self.configuration.requestTimeout, now, &effects)
        case .due, .waitingForResponse, .appending, .flushing, .snapshotDue, .waitingForSnapshotPiece, .installing:
            break
        }
    }

    private func fetch(maxWait: Interval) -> RaftRequest.Fetch {
        RaftRequest.Fetch(
            epoch: self.epoch, replica: self.configuration.local, position: self.log.end, maxWait: maxWait,
            highWatermark: self.highWatermark ?? .unknown)
    }

    /// A replica that is no voter asks the voters in turn.
    mutating func sendDiscovery(_ now: Instant, _ effects: inout [RaftEffect]) {
        guard case .unattached(var state) = self.role, var discovery = state.discovery,
            discovery.nextAttempt <= now, self.outstanding.isEmpty
        else { return }
        let voters = self.configuration.voters.voters
        let voter = voters[discovery.voterIndex % voters.count]
        discovery.voterIndex += 1
        state.discovery = discovery
        self.role = .unattached(state)
        self.send(
            .fetch(self.fetch(maxWait: .zero)), to: voter.id, timeout: self.configuration.requestTimeout, now,
            &effects)
    }

    // MARK: Answers

    mutating func receiveFetchResponse(
        _ header: RaftResponse.Header, _ fetched: RaftResponse.Fetched, _ now: Instant,
        _ effects: inout [RaftEffect]
    ) {
        if case .unattached(var state) = self.role {
            state.discovery?.nextAttempt = now + self.configuration.retryBackoff
            self.role = .unattached(state)
        }
        guard case .follower(var state) = self.role else { return }
        guard header.error == .noError, header.epoch == self.epoch else {
            let isLeaderGone = header.error == .notLeaderOrFollower
            return self.retryFetch(state, isLeaderGone: isLeaderGone, now, &effects)
        }
        self.noteHeard(&state, now)
        state.leaderHighWatermark = max(state.leaderHighWatermark, fetched.highWatermark)
        state.fetching = self.nextFetch(due: now)
        self.role = .follower(state)
        switch fetched.content {
        case .nothing:
            self.followHighWatermark(&effects)
        case .records(let range):
            guard range.lowerBound == self.log.endOffset, !range.isEmpty else {
                return self.retryFetch(state, isLeaderGone: false, now, &effects)
            }
            state.fetching = .appending
            self.role = .follower(state)
            effects.append(.appendFetchedRecords)
        case .divergingEpoch(let end):
            self.truncate(toLeadersEnd: end, now, &effects)
        case .snapshot(let snapshotID):
            self.beginSnapshot(snapshotID, now, &effects)
        }
    }

    /// Removes what the leader's log does not have, down to the end of the last epoch that both may share.
    private mutating func truncate(
        toLeadersEnd end: OffsetAndEpoch, _ now: Instant, _ effects: inout [RaftEffect]
    ) {
        guard case .follower(var state) = self.role else { return }
        let local = self.log.end(forEpoch: end.epoch)
        let offset = local.epoch == end.epoch ? min(local.offset, end.offset) : local.offset
        let highWatermark = self.highWatermark ?? 0
        guard offset >= highWatermark, offset < self.log.endOffset else {
            if offset < highWatermark {
                effects.append(.report(.truncationOfCommitted(to: offset, highWatermark: highWatermark)))
            }
            return self.retryFetch(state, isLeaderGone: false, now, &effects)
        }
        self.log.truncate(to: offset)
        self.flushedOffset = min(self.flushedOffset, offset)
        self.truncationCount += 1
        effects.append(.truncate(to: offset))
        state.fetching = self.nextFetch(due: now)
        self.role = .follower(state)
    }

    /// Asks again after a while. A leader that is gone is given up soon; by a replica that cannot elect, at once.
    mutating func retryFetch(
        _ state: FollowerState, isLeaderGone: Bool, _ now: Instant, _ effects: inout [RaftEffect]
    ) {
        let due = now + self.configuration.retryBackoff
        var state = state
        if case .waitingForSnapshotPiece(let download) = state.fetching {
            state.fetching = .snapshotDue(download, due)
        } else {
            state.fetching = self.nextFetch(due: due)
        }
        self.role = .follower(state)
        guard isLeaderGone, !state.isLeaderUnreachable else { return }
        guard self.configuration.isVoter else {
            self.becomeUnattached(epoch: self.epoch, now, &effects)
            if case .unattached(var state) = self.role {
                state.discovery?.nextAttempt = due
                self.role = .unattached(state)
            }
            return
        }
        let range = RaftConfiguration.leaderLossDelay
        let delay = range.lowerBound + self.randomInterval(below: range.upperBound - range.lowerBound)
        state.isLeaderUnreachable = true
        state.isHearingLeader = false
        state.electionDeadline = min(state.electionDeadline, now + delay)
        self.role = .follower(state)
    }

    /// Takes over the leader's high watermark as far as this log reaches.
    mutating func followHighWatermark(_ effects: inout [RaftEffect]) {
        guard case .follower(let state) = self.role else { return }
        let offset = min(state.leaderHighWatermark, self.log.endOffset)
        guard offset >= 0, offset > self.highWatermark ?? .unknown else { return }
        self.highWatermark = offset
        effects.append(.highWatermarkAdvanced(to: offset))
    }

    /// The leader has answered.
    mutating func noteHeard(_ state: inout FollowerState, _ now: Instant) {
        state.isHearingLeader = true
        state.isLeaderUnreachable = false
        state.electionDeadline = now + self.configuration.fetchTimeout
        self.electionsLost = 0
        self.leaderHeardAt = now
    }
}
