import ApusCore

/// What a leader does: answers fetches, counts what a majority holds, and tells the voters that it leads.
extension RaftNode {
    // MARK: Fetches

    mutating func receiveFetch(
        _ request: RaftRequest.Fetch, _ id: InboundRequestID, _ now: Instant, _ effects: inout [RaftEffect]
    ) {
        if let error = self.refusal(
            ofEpoch: request.epoch, isWellFormed: request.position.offset >= 0 && request.position.epoch >= 0)
        {
            return effects.append(.respond(id, .fetch(self.header(error), .nothing)))
        }
        guard case .leader(var leader) = self.role else { return }
        let replaced = leader.parked.firstIndex { $0.replica == request.replica && $0.replica.id != .none }
        if let replaced {
            // A replica has one fetch at a time: it gave the earlier one up.
            effects.append(self.answer(leader.parked.remove(at: replaced).id, .nothing))
        }
        switch self.content(at: request.position) {
        case .divergingEpoch, .snapshot:
            leader.noteContact(by: request.replica, self.configuration, now)
            self.role = .leader(leader)
            effects.append(self.answer(id, self.content(at: request.position)))
        case .nothing, .records:
            leader.noteFetch(
                by: request.replica, from: request.position.offset, endOffset: self.log.endOffset, self.configuration,
                now)
            self.role = .leader(leader)
            self.advanceHighWatermark(now, &effects)
            self.answerOrPark(request, id, now, &effects)
        }
    }

    private mutating func answerOrPark(
        _ request: RaftRequest.Fetch, _ id: InboundRequestID, _ now: Instant, _ effects: inout [RaftEffect]
    ) {
        guard case .leader(var leader) = self.role else { return }
        let content = self.content(at: request.position)
        let hasNews = content != .nothing || request.highWatermark < self.highWatermark ?? .unknown
        guard !hasNews, request.maxWait > .zero, leader.parked.count < RaftConfiguration.parkedFetchCountMax else {
            return effects.append(self.answer(id, content))
        }
        leader.parked.append(
            LeaderState.ParkedFetch(
                id: id, replica: request.replica, offset: request.position.offset,
                highWatermark: request.highWatermark, deadline: now + request.maxWait))
        self.role = .leader(leader)
    }

    /// Requests that only the leader of their epoch serves.
    private func refusal(ofEpoch epoch: LeaderEpoch, isWellFormed: Bool) -> ErrorCode? {
        guard isWellFormed else { return .invalidRequest }
        if epoch < self.epoch { return .fencedLeaderEpoch }
        if epoch > self.epoch { return .unknownLeaderEpoch }
        return self.isLeader ? nil : .notLeaderOrFollower
    }

    /// What the log has for a replica whose log ends at `position`.
    private func content(at position: OffsetAndEpoch) -> RaftResponse.Content {
        let start = self.log.start
        if position != .zero || start.offset != 0 {
            let isBelowStart =
                position.offset < start.offset || position.epoch < start.epoch
                || (position.offset == start.offset && start.offset != 0 && position.epoch != start.epoch)
            if isBelowStart, let snapshotID = self.snapshotID { return .snapshot(snapshotID) }
            let end = self.log.end(forEpoch: position.epoch)
            if end.epoch != position.epoch || end.offset < position.offset { return .divergingEpoch(end) }
        }
        return position.offset < self.log.endOffset ? .records(position.offset..<self.log.endOffset) : .nothing
    }

    private func answer(_ id: InboundRequestID, _ content: RaftResponse.Content) -> RaftEffect {
        let fetched = RaftResponse.Fetched(
            highWatermark: self.highWatermark ?? .unknown, logStartOffset: self.log.start.offset, content: content)
        return .respond(id, .fetch(self.header(), fetched))
    }

    /// Answers the waiting fetches that `isDue` picks with what there is for them now.
    mutating func answerParked(
        _ now: Instant, _ effects: inout [RaftEffect], where isDue: (LeaderState.ParkedFetch) -> Bool
    ) {
        guard case .leader(var leader) = self.role else { return }
        for fetch in leader.parked where isDue(fetch) {
            let hasRecords = fetch.offset < self.log.endOffset
            effects.append(self.answer(fetch.id, hasRecords ? .records(fetch.offset..<self.log.endOffset) : .nothing))
        }
        leader.parked.removeAll(where: isDue)
        self.role = .leader(leader)
    }

    mutating func receiveFetchSnapshot(
        _ request: RaftRequest.FetchSnapshot, _ id: InboundRequestID, _ now: Instant, _ effects: inout [RaftEffect]
    ) {
        let piece = RaftResponse.SnapshotPiece(snapshotID: request.snapshotID, position: request.position)
        if let error = self.refusal(ofEpoch: request.epoch, isWellFormed: request.position >= 0) {
            return effects.append(.respond(id, .fetchSnapshot(self.header(error), piece)))
        }
        guard case .leader(var leader) = self.role else { return }
        leader.noteContact(by: request.replica, self.configuration, now)
        self.role = .leader(leader)
        effects.append(.respond(id, .fetchSnapshot(self.header(), piece)))
    }

    // MARK: The high watermark

    /// Commits what a majority holds durably, once that includes a record of this leader's own epoch: records of
    /// earlier epochs on a majority may still be overwritten (Raft, section 5.4.2).
    mutating func advanceHighWatermark(_ now: Instant, _ effects: inout [RaftEffect]) {
        guard case .leader(var leader) = self.role else { return }
        let offset = leader.majorityOffset(
            flushedOffset: self.flushedOffset, majority: self.configuration.voters.majority)
        guard offset > leader.epochStartOffset, offset > self.highWatermark ?? .unknown else { return }
        precondition(offset <= self.log.endOffset, "nobody holds more of the log than its leader")
        self.highWatermark = offset
        effects.append(.highWatermarkAdvanced(to: offset))
        if !leader.isEstablished {
            leader.isEstablished = true
            self.role = .leader(leader)
            effects.append(.leadershipEstablished(self.epoch))
        }
        self.answerParked(now, &effects) { $0.highWatermark < offset }
    }

    func checkQuorumDeadline(of leader: LeaderState) -> Instant {
        guard let heardAt = leader.majorityHeardAt(majority: self.configuration.voters.majority) else {
            return .distantFuture
        }
        return heardAt + self.configuration.checkQuorumTimeout
    }

    // MARK: Notices to voters

    /// When a voter is to be told who leads: not while it fetches.
    func noticeDue(for voter: ReplicaProgress) -> Instant {
        guard let lastFetch = voter.lastFetch else { return voter.nextNotice }
        return max(voter.nextNotice, lastFetch + self.configuration.beginQuorumEpochInterval)
    }

    mutating func sendBeginQuorumEpoch(_ now: Instant, _ effects: inout [RaftEffect]) {
        guard case .leader(let leader) = self.role else { return }
        for voter in leader.voters where !self.isWaiting(for: voter.replica.id) && self.noticeDue(for: voter) <= now {
            let request = RaftRequest.BeginQuorumEpoch(
                epoch: self.epoch, leaderID: self.localID, voter: voter.replica)
            self.send(
                .beginQuorumEpoch(request), to: voter.replica.id, timeout: self.configuration.requestTimeout, now,
                &effects)
        }
    }

    mutating func noteNoticeAnswered(by peer: NodeID, _ now: Instant) {
        guard case .leader(var leader) = self.role else { return }
        for index in leader.voters.indices where leader.voters[index].replica.id == peer {
            leader.voters[index].failedNoticeCount = 0
            leader.voters[index].nextNotice = now + self.configuration.beginQuorumEpochInterval
        }
        self.role = .leader(leader)
    }

    /// The wait doubles with each failure in a row: a voter that starts again asks for the leader itself.
    mutating func noteNoticeFailed(to peer: NodeID, _ now: Instant, _ leader: inout LeaderState) {
        for index in leader.voters.indices where leader.voters[index].replica.id == peer {
            let backoff = Interval(
                nanoseconds: self.configuration.retryBackoff.nanoseconds
                    << min(leader.voters[index].failedNoticeCount, 16))
            leader.voters[index].failedNoticeCount += 1
            leader.voters[index].nextNotice = now + min(backoff, self.configuration.beginQuorumEpochInterval)
        }
    }

    mutating func sendEndQuorumEpoch(_ now: Instant, _ effects: inout [RaftEffect]) {
        guard case .resigned(let state) = self.role else { return }
        for notice in state.unacknowledged where notice.due <= now && !self.isWaiting(for: notice.voter.id) {
            let request = RaftRequest.EndQuorumEpoch(
                epoch: self.epoch, leaderID: self.localID, preferredCandidates: state.preferredCandidates)
            self.send(
                .endQuorumEpoch(request), to: notice.voter.id, timeout: self.configuration.requestTimeout, now,
                &effects)
        }
    }

    mutating func noteEndAcknowledged(by peer: NodeID) {
        guard case .resigned(var state) = self.role else { return }
        state.unacknowledged.removeAll { $0.voter.id == peer }
        self.role = .resigned(state)
    }
}
