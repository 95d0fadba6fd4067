package import ApusCore

/// What the driver reports of the log and its snapshots.
extension RaftNode {
    /// Records of one epoch that were appended in one piece.
    package struct AppendedRun: Hashable, Sendable {
        package var epoch: LeaderEpoch
        package var baseOffset: Offset
        package var endOffset: Offset

        package init(epoch: LeaderEpoch, baseOffset: Offset, endOffset: Offset) {
            self.epoch = epoch
            self.baseOffset = baseOffset
            self.endOffset = endOffset
        }
    }

    /// Records are in the log, not necessarily durable: a leader's own in its epoch, or a follower's after
    /// `appendFetchedRecords`, where the driver has checked that no epoch is above the current one or goes back.
    package mutating func appended(_ runs: [AppendedRun], now: Instant) -> [RaftEffect] {
        var effects: [RaftEffect] = []
        precondition(!runs.isEmpty)
        for run in runs {
            precondition(run.epoch <= self.epoch, "records of an epoch that has not begun")
            self.log.append(epoch: run.epoch, from: run.baseOffset, to: run.endOffset)
        }
        switch self.role {
        case .leader:
            precondition(runs.allSatisfy { $0.epoch == self.epoch }, "a leader appends in its own epoch")
            let endOffset = self.log.endOffset
            self.answerParked(now, &effects) { $0.offset < endOffset }
        case .follower(var state):
            precondition(state.fetching == .appending, "a follower appends only what it fetched")
            state.fetching = self.nextFetch(due: now)
            self.role = .follower(state)
            self.followHighWatermark(&effects)
        case .unattached, .prospective, .candidate, .resigned:
            preconditionFailure("only a leader or a follower appends")
        }
        self.settle(now, &effects)
        return effects
    }

    /// None of the fetched records could be appended: they are damaged or do not fit.
    package mutating func appendRefused(now: Instant) -> [RaftEffect] {
        var effects: [RaftEffect] = []
        if case .follower(let state) = self.role, state.fetching == .appending {
            self.retryFetch(state, isLeaderGone: false, now, &effects)
        }
        self.settle(now, &effects)
        return effects
    }

    /// The flush for which `ticket` was taken is done.
    package mutating func flushed(_ ticket: FlushTicket, now: Instant) -> [RaftEffect] {
        var effects: [RaftEffect] = []
        if ticket.truncationCount == self.truncationCount, ticket.endOffset > self.flushedOffset {
            precondition(ticket.endOffset <= self.log.endOffset)
            self.flushedOffset = ticket.endOffset
        }
        self.advanceHighWatermark(now, &effects)
        if case .follower(var state) = self.role, state.fetching == .flushing {
            state.fetching = self.nextFetch(due: now)
            self.role = .follower(state)
        }
        self.settle(now, &effects)
        return effects
    }

    // MARK: Snapshots

    /// A snapshot of committed records was written and is durable.
    package mutating func snapshotCreated(_ snapshotID: OffsetAndEpoch) {
        precondition(snapshotID.offset <= self.highWatermark ?? 0, "a snapshot holds committed records only")
        guard snapshotID.offset > self.snapshotID?.offset ?? 0 else { return }
        self.snapshotID = snapshotID
    }

    /// What the latest snapshot holds was removed from the log, up to here.
    package mutating func logStartAdvanced(to offset: Offset) {
        precondition(offset <= self.snapshotID?.offset ?? 0, "only what a snapshot holds is removed")
        self.log.advanceStart(to: offset)
    }

    mutating func beginSnapshot(
        _ snapshotID: OffsetAndEpoch, _ now: Instant, _ effects: inout [RaftEffect]
    ) {
        guard case .follower(var state) = self.role else { return }
        let highWatermark = self.highWatermark ?? 0
        guard snapshotID.offset >= highWatermark, snapshotID.offset > 0, snapshotID.epoch <= self.epoch else {
            effects.append(.report(.snapshotBelowCommitted(snapshotID, highWatermark: highWatermark)))
            return self.retryFetch(state, isLeaderGone: false, now, &effects)
        }
        state.fetching = .snapshotDue(FollowerState.SnapshotDownload(snapshotID: snapshotID, position: 0), now)
        self.role = .follower(state)
    }

    mutating func receiveSnapshotPiece(
        _ header: RaftResponse.Header, _ piece: RaftResponse.SnapshotPiece, _ now: Instant,
        _ effects: inout [RaftEffect]
    ) {
        guard case .follower(var state) = self.role, case .waitingForSnapshotPiece(var download) = state.fetching
        else { return }
        let isUsable =
            header.error == .noError && header.epoch == self.epoch
            && piece.snapshotID == download.snapshotID && piece.position == download.position && piece.byteCount > 0
            && piece.byteCount <= piece.size - piece.position
        guard isUsable else {
            // The leader may have a newer snapshot by now: the next fetch tells.
            state.fetching = .due(now)
            return self.retryFetch(state, isLeaderGone: header.error == .notLeaderOrFollower, now, &effects)
        }
        self.noteHeard(&state, now)
        effects.append(.appendSnapshotPiece(download.snapshotID, position: download.position))
        download.position += piece.byteCount
        if download.position == piece.size {
            state.fetching = .installing(download.snapshotID)
            effects.append(.installSnapshot(download.snapshotID))
        } else {
            state.fetching = .snapshotDue(download, now)
        }
        self.role = .follower(state)
    }

    /// The received snapshot is durable, and the log is empty and begins after it.
    package mutating func snapshotInstalled(_ snapshotID: OffsetAndEpoch, now: Instant) -> [RaftEffect] {
        var effects: [RaftEffect] = []
        guard case .follower(var state) = self.role, state.fetching == .installing(snapshotID) else {
            preconditionFailure("a snapshot is installed when it was received")
        }
        self.log = EpochHistory(start: snapshotID)
        self.flushedOffset = snapshotID.offset
        self.truncationCount += 1
        self.snapshotID = snapshotID
        state.fetching = .due(now)
        self.role = .follower(state)
        if snapshotID.offset > self.highWatermark ?? .unknown {
            self.highWatermark = snapshotID.offset
            effects.append(.highWatermarkAdvanced(to: snapshotID.offset))
        }
        self.settle(now, &effects)
        return effects
    }

    /// The received snapshot is damaged and was removed.
    package mutating func snapshotRefused(now: Instant) -> [RaftEffect] {
        var effects: [RaftEffect] = []
        if case .follower(var state) = self.role, case .installing = state.fetching {
            state.fetching = .due(now)
            self.retryFetch(state, isLeaderGone: false, now, &effects)
        }
        self.settle(now, &effects)
        return effects
    }
}
