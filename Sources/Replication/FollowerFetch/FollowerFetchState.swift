package import ApusCore

/// All partitions that this broker fetches from one leader broker: what to ask next, and what each answer means.
///
/// One request is in flight at a time: `nextFetch`, then `responded` and `answered` for every partition of the response,
/// or `connectionLost`. Only partitions that changed are looked at when a request is built.
///
/// Truncation follows the leader epochs: each fetch names the epoch of the last local record, the leader answers with
/// the end of the largest epoch it has in common, and the follower cuts there. Source: KIP-101, KIP-279, KIP-320, and
/// the diverging epochs of Fetch version 12 (KIP-595).
package struct FollowerFetchState: Sendable {
    /// The broker that is fetched from.
    package let leader: NodeID
    package let policy: FollowerFetchPolicy
    private var session = FetchSessionClient()
    private var slots: [FollowedPartition?] = []
    private var free: [Int] = []
    private var index: [TopicIDPartition: Int] = [:]
    /// Those that made progress go last, for requests that list all.
    private var order = SlotOrder()
    private var dirty: [Int] = []
    private var delayed: [Int] = []
    /// In the session, and no longer wanted.
    private var forgotten: [TopicIDPartition] = []
    /// The number of partitions in the session.
    private var sessionCount = 0
    /// The number of partitions in the session of the request in flight, or `nil` where none is.
    private var countInFlight: Int?
    /// No request is sent before this instant.
    private var pausedUntil: Instant?
    /// The number of partitions that the driver has something to do for before they are fetched again.
    private var unsettledCount = 0
    /// The rest waits for those until then; `nil` where it does not.
    private var heldUntil: Instant?
    /// Lost connections and refused requests in a row.
    private var failures = 0

    package init(leader: NodeID, policy: FollowerFetchPolicy = FollowerFetchPolicy()) {
        self.leader = leader
        self.policy = policy
    }

    package var isEmpty: Bool { self.index.isEmpty }

    package var count: Int { self.index.count }

    /// The state and position of a partition, or `nil` where it is not fetched.
    package func partition(
        _ partition: TopicIDPartition
    ) -> (state: FollowedPartitionState, position: FollowerPosition)? {
        guard let slot = self.index[partition], let followed = self.slots[slot] else { return nil }
        return (followed.state, followed.position)
    }

    // MARK: - Which partitions

    /// Fetches a partition under a leader epoch, from the local log's end.
    ///
    /// A partition that is fetched under this epoch or a newer one already keeps its state.
    ///
    /// - Parameters:
    ///   - latestEpoch: the newest epoch in the log's leader-epoch cache, or `nil` where it has none.
    ///   - highWatermark: the replica's.
    /// - Returns: `.truncate` for a log that holds records but no epochs, as only releases before 0.11 wrote: it must be
    ///   cut to its high watermark and reported by `truncated`.
    package mutating func add(
        _ partition: TopicIDPartition, leaderEpoch: LeaderEpoch, log: LogBounds, latestEpoch: LeaderEpoch?,
        highWatermark: Offset
    ) -> FollowerTruncation {
        if let slot = self.index[partition], let known = self.slots[slot]?.position.leaderEpoch, known >= leaderEpoch {
            return .none
        }
        let mustTruncate = latestEpoch == nil && highWatermark < log.endOffset
        let position = FollowerPosition(
            leaderEpoch: leaderEpoch, fetchOffset: log.endOffset, lastFetchedEpoch: latestEpoch,
            logStartOffset: log.startOffset)
        let state: FollowedPartitionState = mustTruncate ? .truncating : .fetching
        if let slot = self.index[partition] {
            self.setState(slot, state)
            self.slots[slot]?.position = position
            self.slots[slot]?.delayedUntil = nil
            self.slots[slot]?.failures = 0
        } else {
            self.insert(FollowedPartition(partition: partition, state: state, position: position))
        }
        return mustTruncate ? .truncate(to: log.clamped(highWatermark)) : .none
    }

    /// Fetches a partition no longer: it has another leader, or was stopped.
    package mutating func remove(_ partition: TopicIDPartition) {
        guard let slot = self.index.removeValue(forKey: partition) else { return }
        if self.slots[slot]?.sent != nil {
            self.forgotten.append(partition)
            self.sessionCount -= 1
        }
        if self.slots[slot]?.state != .fetching { self.unsettledCount -= 1 }
        self.order.remove(slot)
        self.slots[slot] = nil
        self.free.append(slot)
    }

    /// The local log start rose, which the leader wants to know for DeleteRecords (KIP-107).
    package mutating func logStartAdvanced(_ partition: TopicIDPartition, to startOffset: Offset) {
        guard let slot = self.index[partition] else { return }
        self.slots[slot]?.position.logStartOffset = startOffset
        self.markDirty(slot)
    }

    // MARK: - Requests

    /// The instant from which `nextFetch` may have more to ask without any other event; `nil` where nothing is delayed
    /// or an answer is awaited.
    package var wakeUp: Instant? {
        if self.countInFlight != nil { return nil }
        if let pausedUntil = self.pausedUntil { return pausedUntil }
        return [self.heldUntil, self.endOfFirstDelay].compactMap(\.self).min()
    }

    private var endOfFirstDelay: Instant? {
        var earliest: Instant?
        for slot in self.delayed {
            guard let until = self.slots[slot]?.delayedUntil else { continue }
            earliest = min(earliest ?? until, until)
        }
        return earliest
    }

    /// Writes the next request to `request`; false where there is nothing to ask now, or an answer is awaited.
    ///
    /// A request without partitions is meant: the session's positions all stand.
    package mutating func nextFetch(now: Instant, into request: inout FollowerFetchRequest) -> Bool {
        if self.countInFlight != nil { return false }
        if let pausedUntil = self.pausedUntil {
            if now < pausedUntil { return false }
            self.pausedUntil = nil
        }
        self.endDelays(now: now)
        if self.holdsBack(now: now) { return false }
        request.waitMax = self.waitMax(now: now)
        request.partitions.removeAll(keepingCapacity: true)
        request.forgotten.removeAll(keepingCapacity: true)
        request.session = self.session.next
        if self.session.next.isFull {
            self.listAll(into: &request)
        } else {
            self.listChanges(into: &request)
        }
        if self.sessionCount == 0 && request.forgotten.isEmpty { return false }
        self.countInFlight = self.sessionCount
        return true
    }

    /// Whether the next request waits for partitions that are about to be asked for again.
    private mutating func holdsBack(now: Instant) -> Bool {
        guard self.unsettledCount > 0 else {
            self.heldUntil = nil
            return false
        }
        let until = self.heldUntil ?? now + self.policy.patience
        self.heldUntil = now < until ? until : nil
        return now < until
    }

    /// How long the leader may hold the answer to a request that is sent now.
    private func waitMax(now: Instant) -> Interval? {
        let delay = self.endOfFirstDelay.map { $0 - now }
        return self.unsettledCount > 0 ? min(delay ?? self.policy.patience, self.policy.patience) : delay
    }

    /// The response to the request in flight arrived.
    ///
    /// - Parameter partitionCount: how many partitions it carries.
    /// - Returns: whether they are to be given to `answered`. After an error of the session the next request goes out
    ///   at once, after another one it waits for the backoff.
    package mutating func responded(
        error: ErrorCode, sessionID: Int32, partitionCount: Int, now: Instant
    ) -> Bool {
        guard let expected = self.countInFlight else { preconditionFailure("a response to no request") }
        self.countInFlight = nil
        let fits = self.session.next.isFull ? partitionCount == expected : partitionCount <= expected
        switch error {
        case .noError where !fits:
            self.connectionLost(now: now)
            return false
        case .noError, .fetchSessionIDNotFound, .invalidFetchSessionEpoch, .fetchSessionTopicIDError:
            break
        default:
            self.pause(now: now)
        }
        if error == .noError { self.failures = 0 }
        return self.session.responded(error: error, sessionID: sessionID)
    }

    /// The connection was lost, or the request timed out: everything rests for the backoff.
    package mutating func connectionLost(now: Instant) {
        self.countInFlight = nil
        self.session.failed()
        self.pause(now: now)
    }

    private mutating func pause(now: Instant) {
        self.pausedUntil = now + self.policy.backoff(after: self.failures)
        self.failures += 1
    }

    private mutating func listAll(into request: inout FollowerFetchRequest) {
        self.forgotten.removeAll(keepingCapacity: true)
        self.dirty.removeAll(keepingCapacity: true)
        self.sessionCount = 0
        var slot = self.order.first
        while slot != SlotOrder.none {
            self.slots[slot]?.isDirty = false
            self.slots[slot]?.sent = nil
            self.list(slot, into: &request)
            slot = self.order.next(after: slot)
        }
    }

    private mutating func listChanges(into request: inout FollowerFetchRequest) {
        swap(&request.forgotten, &self.forgotten)
        for slot in self.dirty {
            self.slots[slot]?.isDirty = false
            self.list(slot, into: &request)
        }
        self.dirty.removeAll(keepingCapacity: true)
    }

    private mutating func list(_ slot: Int, into request: inout FollowerFetchRequest) {
        guard let followed = self.slots[slot] else { return }
        if followed.isReady {
            guard followed.sent != followed.position else { return }
            if followed.sent == nil { self.sessionCount += 1 }
            self.slots[slot]?.sent = followed.position
            request.partitions.append(
                .init(
                    partition: followed.partition, position: followed.position,
                    bytesMax: self.policy.partitionBytesMax))
        } else if followed.sent != nil {
            self.sessionCount -= 1
            self.slots[slot]?.sent = nil
            request.forgotten.append(followed.partition)
        }
    }

    // MARK: - Slots

    private mutating func insert(_ added: FollowedPartition) {
        var followed = added
        if let position = self.forgotten.firstIndex(of: added.partition) {
            // The broker takes a partition that is named and forgotten in one request as forgotten. It is in the
            // session still, at some position that the next request replaces.
            self.forgotten.remove(at: position)
            self.sessionCount += 1
            followed.sent = FollowerPosition(
                leaderEpoch: .unknown, fetchOffset: .unknown, lastFetchedEpoch: nil, logStartOffset: .unknown)
        }
        let slot = self.free.popLast() ?? self.slots.count
        if slot == self.slots.count { self.slots.append(nil) }
        self.slots[slot] = followed
        if followed.state != .fetching { self.unsettledCount += 1 }
        self.index[followed.partition] = slot
        self.order.append(slot)
        self.markDirty(slot)
    }

    private mutating func markDirty(_ slot: Int) {
        guard self.slots[slot]?.isDirty == false else { return }
        self.slots[slot]?.isDirty = true
        self.dirty.append(slot)
    }

    private mutating func delay(_ slot: Int, now: Instant) -> Instant {
        let until = now + self.policy.backoff(after: self.slots[slot]?.failures ?? 0)
        self.slots[slot]?.failures += 1
        if self.slots[slot]?.delayedUntil == nil { self.delayed.append(slot) }
        self.slots[slot]?.delayedUntil = until
        self.markDirty(slot)
        return until
    }

    private mutating func endDelays(now: Instant) {
        guard !self.delayed.isEmpty else { return }
        var kept: [Int] = []
        for slot in self.delayed {
            guard let until = self.slots[slot]?.delayedUntil else { continue }
            if until > now {
                kept.append(slot)
            } else {
                self.slots[slot]?.delayedUntil = nil
                self.markDirty(slot)
            }
        }
        self.delayed = kept
    }
}

extension FollowerFetchState {
    // MARK: - Answers

    /// Decides what to do with one partition of a response.
    package mutating func answered(_ answer: LeaderFetchAnswer, now: Instant) -> FollowerDecision {
        guard let slot = self.index[answer.partition], let followed = self.slots[slot], followed.isReady,
            let sent = followed.sent, sent.fetchOffset == followed.position.fetchOffset,
            sent.leaderEpoch == followed.position.leaderEpoch
        else { return .ignore }
        switch answer.error {
        case .noError:
            guard let diverging = answer.divergingEpoch else {
                return .append(at: followed.position.fetchOffset, leaderEpoch: followed.position.leaderEpoch)
            }
            guard diverging.endOffset >= 0 && diverging.leaderEpoch >= 0 else {
                return .backOff(until: self.delay(slot, now: now))
            }
            self.setState(slot, .truncating)
            return .truncate(diverging, leaderEpoch: followed.position.leaderEpoch)
        case .offsetOutOfRange:
            self.setState(slot, .awaitingLeaderOffsets)
            return .queryLeaderOffsets(leaderEpoch: followed.position.leaderEpoch)
        case .fencedLeaderEpoch:
            self.remove(answer.partition)
            return .remove
        case _:
            return .backOff(until: self.delay(slot, now: now))
        }
    }

    /// The records were appended, or there were none: the log ends at `endOffset` now.
    ///
    /// - Parameters:
    ///   - leaderEpoch: that of the decision; a partition that moved on since is left alone.
    ///   - latestEpoch: the newest epoch in the log's leader-epoch cache.
    package mutating func appended(
        _ partition: TopicIDPartition, leaderEpoch: LeaderEpoch, endOffset: Offset, latestEpoch: LeaderEpoch?
    ) {
        guard let slot = self.slot(of: partition, in: .fetching, leaderEpoch: leaderEpoch) else { return }
        self.slots[slot]?.failures = 0
        guard let position = self.slots[slot]?.position, endOffset > position.fetchOffset else { return }
        self.slots[slot]?.position.fetchOffset = endOffset
        self.slots[slot]?.position.lastFetchedEpoch = latestEpoch
        self.order.moveToEnd(slot)
        self.markDirty(slot)
    }

    /// What is in the log has to be on the disk before the next fetch acknowledges it; `flushed` must follow.
    package mutating func flushing(_ partition: TopicIDPartition, leaderEpoch: LeaderEpoch) {
        guard let slot = self.slot(of: partition, in: .fetching, leaderEpoch: leaderEpoch) else { return }
        self.setState(slot, .flushing)
    }

    /// Everything up to `endOffset` is on the disk, and fetching goes on from there.
    package mutating func flushed(
        _ partition: TopicIDPartition, leaderEpoch: LeaderEpoch, endOffset: Offset, latestEpoch: LeaderEpoch?
    ) {
        guard let slot = self.slot(of: partition, in: .flushing, leaderEpoch: leaderEpoch) else { return }
        self.setState(slot, .fetching)
        self.appended(partition, leaderEpoch: leaderEpoch, endOffset: endOffset, latestEpoch: latestEpoch)
    }

    /// The records were damaged, or the replica refused them: the partition rests, and is fetched again from the log's
    /// end as it is now, which part of the records may have moved.
    package mutating func appendFailed(
        _ partition: TopicIDPartition, leaderEpoch: LeaderEpoch, log: LogBounds, latestEpoch: LeaderEpoch?, now: Instant
    ) {
        guard let slot = self.slot(of: partition, in: .fetching, leaderEpoch: leaderEpoch) else { return }
        self.setPosition(slot, log: log, latestEpoch: latestEpoch)
        _ = self.delay(slot, now: now)
    }

    /// The log was cut, and is fetched from its end again.
    package mutating func truncated(
        _ partition: TopicIDPartition, leaderEpoch: LeaderEpoch, log: LogBounds, latestEpoch: LeaderEpoch?
    ) {
        guard let slot = self.slot(of: partition, in: .truncating, leaderEpoch: leaderEpoch) else { return }
        self.setPosition(slot, log: log, latestEpoch: latestEpoch)
    }

    /// The leader told its ends after OFFSET_OUT_OF_RANGE.
    ///
    /// A leader that ends before the local log cuts it (after an unclean election); one that starts after it makes it
    /// begin anew at the leader's start; otherwise the local log is fetched on as it is.
    ///
    /// - Parameters:
    ///   - earliest: the leader's log start.
    ///   - latest: the leader's log end.
    /// - Returns: what to do with the log; unless `.none`, `truncated` must follow.
    package mutating func leaderOffsetsReceived(
        _ partition: TopicIDPartition, leaderEpoch: LeaderEpoch, earliest: Offset, latest: Offset, log: LogBounds,
        latestEpoch: LeaderEpoch?
    ) -> FollowerTruncation {
        guard let slot = self.slot(of: partition, in: .awaitingLeaderOffsets, leaderEpoch: leaderEpoch) else {
            return .none
        }
        if latest < log.endOffset {
            self.setState(slot, .truncating)
            return latest < log.startOffset ? .restart(at: latest) : .truncate(to: latest)
        }
        if earliest > log.endOffset {
            self.setState(slot, .truncating)
            return .restart(at: earliest)
        }
        self.setPosition(slot, log: log, latestEpoch: latestEpoch)
        return .none
    }

    /// The leader could not be asked, or refused: fetches again after the backoff, or no longer where it is fenced.
    package mutating func leaderOffsetsFailed(
        _ partition: TopicIDPartition, leaderEpoch: LeaderEpoch, error: ErrorCode, now: Instant
    ) -> FollowerDecision {
        guard let slot = self.slot(of: partition, in: .awaitingLeaderOffsets, leaderEpoch: leaderEpoch) else {
            return .ignore
        }
        if error == .fencedLeaderEpoch {
            self.remove(partition)
            return .remove
        }
        self.setState(slot, .fetching)
        return .backOff(until: self.delay(slot, now: now))
    }

    /// Where a follower's log is cut when the leader's and its own epochs part.
    ///
    /// The cut may be at the log end. It is made all the same: a former leader that appended nothing has its epoch in
    /// the cache, beginning there, and would diverge by it for ever.
    ///
    /// - Parameters:
    ///   - leaderEnd: the leader's answer: the end of the largest epoch it has at or below the follower's last.
    ///   - localEnd: the local log's end of that epoch, or `nil` where the local cache does not know.
    package static func truncation(
        leaderEnd: EpochEndOffset, localEnd: EpochEndOffset?, log: LogBounds
    ) -> FollowerTruncation {
        var target: Offset
        if let localEnd, localEnd.leaderEpoch != leaderEnd.leaderEpoch {
            // The follower never saw that epoch: what it has after the one before cannot be the leader's. The next
            // fetch finds out about the rest.
            target = localEnd.endOffset
        } else {
            target = min(leaderEnd.endOffset, localEnd?.endOffset ?? leaderEnd.endOffset)
        }
        target = min(target, log.endOffset)
        if target < log.startOffset { return .restart(at: target) }
        return .truncate(to: target)
    }

    private func slot(
        of partition: TopicIDPartition, in state: FollowedPartitionState, leaderEpoch: LeaderEpoch
    ) -> Int? {
        guard let slot = self.index[partition], let followed = self.slots[slot], followed.state == state,
            followed.position.leaderEpoch == leaderEpoch
        else { return nil }
        return slot
    }

    private mutating func setState(_ slot: Int, _ state: FollowedPartitionState) {
        guard let before = self.slots[slot]?.state else { return }
        if before != .fetching { self.unsettledCount -= 1 }
        if state != .fetching { self.unsettledCount += 1 }
        self.slots[slot]?.state = state
        self.markDirty(slot)
    }

    private mutating func setPosition(_ slot: Int, log: LogBounds, latestEpoch: LeaderEpoch?) {
        self.setState(slot, .fetching)
        self.slots[slot]?.position.fetchOffset = log.endOffset
        self.slots[slot]?.position.logStartOffset = log.startOffset
        self.slots[slot]?.position.lastFetchedEpoch = latestEpoch
    }
}
