package import ApusCore

/// What comes from other replicas: requests, responses, and the news that none will come.
extension RaftNode {
    /// Another replica asks. Each request is answered by exactly one `respond` with this id, now or later.
    package mutating func receive(
        _ request: RaftRequest, id: InboundRequestID, now: Instant
    ) -> [RaftEffect] {
        var effects: [RaftEffect] = []
        switch request {
        case .vote(let request): self.receiveVote(request, id, now, &effects)
        case .beginQuorumEpoch(let request): self.receiveBeginQuorumEpoch(request, id, now, &effects)
        case .endQuorumEpoch(let request): self.receiveEndQuorumEpoch(request, id, now, &effects)
        case .fetch(let request): self.receiveFetch(request, id, now, &effects)
        case .fetchSnapshot(let request): self.receiveFetchSnapshot(request, id, now, &effects)
        }
        self.settle(now, &effects)
        return effects
    }

    /// Another replica answers the request `id`. An answer that nobody waits for any more is dropped.
    package mutating func receive(
        _ response: RaftResponse, to id: OutboundRequestID, now: Instant
    ) -> [RaftEffect] {
        var effects: [RaftEffect] = []
        if let request = self.takeOutstanding(id) {
            self.handle(response, to: request, now, &effects)
        }
        self.settle(now, &effects)
        return effects
    }

    /// The request `id` gets no answer.
    package mutating func requestFailed(
        _ id: OutboundRequestID, _ failure: RequestFailure, now: Instant
    ) -> [RaftEffect] {
        var effects: [RaftEffect] = []
        if let request = self.takeOutstanding(id) {
            self.handleFailure(of: request, failure, now, &effects)
        }
        self.settle(now, &effects)
        return effects
    }

    private mutating func handle(
        _ response: RaftResponse, to request: OutstandingRequest, _ now: Instant, _ effects: inout [RaftEffect]
    ) {
        let header = response.header
        let epochBefore = self.epoch
        let leaderBefore = self.leaderID
        if header.epoch >= epochBefore {
            self.observe(leaderID: header.leaderID, epoch: header.epoch, now, &effects)
            // A new role has forgotten what the old one asked for.
            if self.epoch != epochBefore || self.leaderID != leaderBefore { return }
        }
        switch response {
        case .vote(let header, let isGranted)
        where self.isStanding && (header.epoch == self.epoch || header.error != .noError):
            self.receiveVoteResponse(header, isGranted: isGranted, from: request.peer, now, &effects)
        case .beginQuorumEpoch(let header) where header.error == .noError:
            self.noteNoticeAnswered(by: request.peer, now)
        case .endQuorumEpoch(let header) where header.error == .noError:
            self.noteEndAcknowledged(by: request.peer)
        case .fetch(let header, let fetched):
            self.receiveFetchResponse(header, fetched, now, &effects)
        case .fetchSnapshot(let header, let piece):
            self.receiveSnapshotPiece(header, piece, now, &effects)
        case .vote, .beginQuorumEpoch, .endQuorumEpoch:
            self.handleFailure(of: request, .noAnswer, now, &effects)
        }
    }

    private var isStanding: Bool {
        switch self.role {
        case .prospective, .candidate: true
        case .unattached, .follower, .leader, .resigned: false
        }
    }

    /// Decides when to ask again, which follows from the role alone.
    mutating func handleFailure(
        of request: OutstandingRequest, _ failure: RequestFailure, _ now: Instant, _ effects: inout [RaftEffect]
    ) {
        switch self.role {
        case .unattached(var state):
            state.discovery?.nextAttempt = now + self.configuration.retryBackoff
            self.role = .unattached(state)
        case .prospective, .candidate:
            self.record(self.openVote(now), of: request.peer, now, &effects)
        case .follower(let state):
            self.retryFetch(state, isLeaderGone: failure == .unreachable, now, &effects)
        case .leader(var state):
            self.noteNoticeFailed(to: request.peer, now, &state)
            self.role = .leader(state)
        case .resigned(var state):
            for index in state.unacknowledged.indices where state.unacknowledged[index].voter.id == request.peer {
                state.unacknowledged[index].due = now + self.configuration.retryBackoff
            }
            self.role = .resigned(state)
        }
    }
}
