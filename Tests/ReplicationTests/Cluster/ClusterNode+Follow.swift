import ApusCore
import Replication

/// The follower's side of fetching in the simulation.
extension ClusterNode {
    /// Sends the next fetch to a leader if there is one to send.
    mutating func pump(_ leader: Int, now: Instant, output: inout NodeOutput) {
        guard self.isAlive, let brokerEpoch = self.brokerEpoch else { return }
        var request = FollowerFetchRequest()
        if self.fetchers[leader]?.nextFetch(now: now, into: &request) == true {
            self.nextNumber += 1
            self.correlationInFlight[leader] = self.nextNumber
            let payload = ClusterMessage.Payload.fetch(
                correlation: self.nextNumber, brokerEpoch: brokerEpoch, request)
            output.messages.append(ClusterMessage(from: self.index, to: leader, payload: payload))
            output.timers.append(
                (
                    now + ClusterNode.requestTimeout,
                    .fetchTimeout(leader: leader, correlation: self.nextNumber)
                ))
        } else if self.correlationInFlight[leader] == nil, let wakeUp = self.fetchers[leader]?.wakeUp {
            output.timers.append((wakeUp, .fetcherWakeUp(leader: leader)))
        }
    }

    mutating func fetchTimedOut(leader: Int, correlation: Int, now: Instant, output: inout NodeOutput) {
        guard self.correlationInFlight[leader] == correlation else { return }
        self.correlationInFlight[leader] = nil
        self.fetchers[leader]?.connectionLost(now: now)
        self.pump(leader, now: now, output: &output)
    }

    mutating func fetched(
        from leader: Int, correlation: Int, error: ErrorCode, sessionID: Int32, _ answers: [FetchedPartition],
        now: Instant, output: inout NodeOutput
    ) {
        guard self.correlationInFlight[leader] == correlation else { return }
        self.correlationInFlight[leader] = nil
        let isUsable = self.fetchers[leader]?.responded(
            error: error, sessionID: sessionID, partitionCount: answers.count, now: now)
        if isUsable == true {
            for answer in answers { self.take(answer, from: leader, now: now, output: &output) }
        }
        self.pump(leader, now: now, output: &output)
    }

    private mutating func take(
        _ answer: FetchedPartition, from leader: Int, now: Instant, output: inout NodeOutput
    ) {
        let key = ClusterNode.key(answer.partition)
        let decision = self.fetchers[leader]?.answered(
            LeaderFetchAnswer(partition: key, error: answer.error, divergingEpoch: answer.divergingEpoch), now: now)
        switch decision {
        case .append(let offset, let leaderEpoch):
            self.append(answer, at: offset, leaderEpoch: leaderEpoch, leader: leader, now: now, output: &output)
        case .truncate(let leaderEnd, let epoch):
            guard let log = self.logs[answer.partition] else { return }
            let truncation = FollowerFetchState.truncation(
                leaderEnd: leaderEnd, localEnd: log.end(of: leaderEnd.leaderEpoch), log: log.bounds)
            self.cut(answer.partition, truncation, leader: leader, epoch: epoch, now: now, output: &output)
        case .queryLeaderOffsets(let leaderEpoch):
            self.nextNumber += 1
            self.offsetsInFlight[answer.partition] = self.nextNumber
            let payload = ClusterMessage.Payload.listOffsets(
                correlation: self.nextNumber, partition: answer.partition, leaderEpoch: leaderEpoch)
            output.messages.append(ClusterMessage(from: self.index, to: leader, payload: payload))
        case .ignore, .remove, .backOff, nil:
            break
        }
    }

    private mutating func append(
        _ answer: FetchedPartition, at offset: Offset, leaderEpoch: LeaderEpoch, leader: Int, now: Instant,
        output: inout NodeOutput
    ) {
        let partition = answer.partition
        let key = ClusterNode.key(partition)
        guard self.replicas[partition]?.replicationAdmission(leaderEpoch: leaderEpoch, at: offset) == .noError else {
            guard let log = self.logs[partition] else { return }
            self.fetchers[leader]?.appendFailed(
                key, leaderEpoch: leaderEpoch, log: log.bounds, latestEpoch: log.latestEpoch, now: now)
            return
        }
        for record in answer.records { self.logs[partition]?.append(record) }
        guard let log = self.logs[partition] else { return }
        var effects = ReplicaEffects()
        self.replicas[partition]?.replicated(
            endOffset: log.endOffset, leaderHighWatermark: answer.highWatermark, effects: &effects)
        if let highWatermark = self.replicas[partition]?.highWatermark {
            let start = min(answer.logStartOffset, highWatermark)
            self.logs[partition]?.deleteRecords(before: start)
            self.replicas[partition]?.logStartAdvanced(to: start, effects: &effects)
            if start > log.startOffset { self.fetchers[leader]?.logStartAdvanced(key, to: start) }
        }
        self.fetchers[leader]?.appended(
            key, leaderEpoch: leaderEpoch, endOffset: log.endOffset, latestEpoch: log.latestEpoch)
        self.run(effects, partition, now: now, output: &output)
    }

    private mutating func cut(
        _ partition: Int, _ truncation: FollowerTruncation, leader: Int, epoch: LeaderEpoch, now: Instant,
        output: inout NodeOutput
    ) {
        self.logs[partition]?.apply(truncation)
        guard let log = self.logs[partition] else { return }
        var effects = ReplicaEffects()
        self.replicas[partition]?.truncated(to: log.bounds, effects: &effects)
        self.fetchers[leader]?.truncated(
            ClusterNode.key(partition), leaderEpoch: epoch, log: log.bounds, latestEpoch: log.latestEpoch)
        self.run(effects, partition, now: now, output: &output)
    }

    // MARK: - Out of range

    mutating func listOffsets(
        from: Int, correlation: Int, partition: Int, leaderEpoch: LeaderEpoch, output: inout NodeOutput
    ) {
        guard let replica = self.replicas[partition] else { return }
        let error: ErrorCode
        switch replica.listOffsets(
            currentLeaderEpoch: leaderEpoch, isolation: .logEnd, leaderOnly: true, lastStableOffset: 0)
        {
        case .answer: error = .noError
        case .refuse(let refusal): error = refusal
        }
        let payload = ClusterMessage.Payload.listedOffsets(
            correlation: correlation, partition: partition, leaderEpoch: leaderEpoch, error: error, replica.log)
        output.messages.append(ClusterMessage(from: self.index, to: from, payload: payload))
    }

    mutating func listedOffsets(
        from leader: Int, correlation: Int, partition: Int, leaderEpoch: LeaderEpoch, error: ErrorCode,
        _ bounds: LogBounds, now: Instant, output: inout NodeOutput
    ) {
        guard self.offsetsInFlight[partition] == correlation, let log = self.logs[partition] else { return }
        self.offsetsInFlight[partition] = nil
        let key = ClusterNode.key(partition)
        if error != .noError {
            _ = self.fetchers[leader]?.leaderOffsetsFailed(key, leaderEpoch: leaderEpoch, error: error, now: now)
        } else {
            let truncation = self.fetchers[leader]?.leaderOffsetsReceived(
                key, leaderEpoch: leaderEpoch, earliest: bounds.startOffset, latest: bounds.endOffset,
                log: log.bounds, latestEpoch: log.latestEpoch)
            if let truncation, truncation != FollowerTruncation.none {
                self.cut(partition, truncation, leader: leader, epoch: leaderEpoch, now: now, output: &output)
            }
        }
        self.pump(leader, now: now, output: &output)
    }

    /// Gives up a question for offsets whose answer did not come; asked by the tick.
    mutating func renewQuestions(now: Instant, output: inout NodeOutput) {
        for leader in 1..<self.fetchers.count {
            for partition in self.logs.indices {
                let key = ClusterNode.key(partition)
                guard let followed = self.fetchers[leader]?.partition(key), followed.state == .awaitingLeaderOffsets
                else { continue }
                self.offsetsInFlight[partition] = nil
                _ = self.fetchers[leader]?.leaderOffsetsFailed(
                    key, leaderEpoch: followed.position.leaderEpoch, error: .networkException, now: now)
            }
            self.pump(leader, now: now, output: &output)
        }
    }
}
