import ApusCore
import Replication

/// The leader's side of fetching in the simulation.
extension ClusterNode {
    mutating func fetch(
        from: Int, correlation: Int, brokerEpoch: BrokerEpoch, _ request: FollowerFetchRequest, now: Instant,
        output: inout NodeOutput
    ) {
        let head = FetchSessionRequest(metadata: request.session, usesTopicIDs: true, isFollower: true)
        let requested = request.partitions.map { partition in
            FetchPartitionRequest(
                key: FetchPartitionKey(topicID: partition.partition.topicID, partition: partition.partition.partition),
                currentLeaderEpoch: partition.position.leaderEpoch, fetchOffset: partition.position.fetchOffset,
                lastFetchedEpoch: partition.position.lastFetchedEpoch ?? .unknown,
                logStartOffset: partition.position.logStartOffset, maxBytes: partition.bytesMax)
        }
        let forgotten = request.forgotten.map { FetchPartitionKey(topicID: $0.topicID, partition: $0.partition) }
        let context = self.sessions.begin(head, partitions: requested, forgotten: forgotten, now: now)
        var waiting = WaitingFetch(
            from: from, correlation: correlation, brokerEpoch: brokerEpoch, head: head, context: context,
            partitions: [], tokens: [])
        switch context {
        case .refused(let error):
            self.respond(to: waiting, error: error, sessionID: 0, [], output: &output)
            return
        case .sessionless, .full:
            waiting.partitions = requested.enumerated().map {
                FetchSessionPartition(request: $0.element, slot: Int32($0.offset))
            }
        case .incremental(let turn):
            self.sessions.list(turn, into: &waiting.partitions)
        }
        self.serve(waiting, mayWait: true, now: now, output: &output)
    }

    mutating func answerWaiting(_ waiter: FetchWaiterID, now: Instant, output: inout NodeOutput) {
        guard let waiting = self.waiting.removeValue(forKey: waiter) else { return }
        for (partition, token) in waiting.tokens { self.replicas[partition]?.cancelFetch(token) }
        self.serve(waiting, mayWait: false, now: now, output: &output)
    }

    private mutating func serve(
        _ waiting: WaitingFetch, mayWait: Bool, now: Instant, output: inout NodeOutput
    ) {
        var answers: [FetchedPartition] = []
        var pending: [(Int, ReplicaEffects)] = []
        for asked in waiting.partitions {
            let partition = Int(asked.request.key.partition.rawValue)
            var effects = ReplicaEffects()
            answers.append(
                self.read(asked.request, from: waiting, partition: partition, now: now, effects: &effects))
            pending.append((partition, effects))
        }
        let hasNews = answers.contains { !$0.records.isEmpty || $0.error != .noError || $0.divergingEpoch != nil }
        if mayWait && !hasNews && !answers.isEmpty {
            self.park(waiting, now: now, output: &output)
        } else {
            self.finish(waiting, answers, now: now, output: &output)
        }
        for (partition, effects) in pending { self.run(effects, partition, now: now, output: &output) }
    }

    private mutating func park(_ fetch: WaitingFetch, now: Instant, output: inout NodeOutput) {
        var waiting = fetch
        self.nextNumber += 1
        let waiter = FetchWaiterID(rawValue: UInt64(self.nextNumber))
        waiting.tokens = waiting.partitions.compactMap { asked in
            let partition = Int(asked.request.key.partition.rawValue)
            let token = self.replicas[partition]?.awaitFetch(
                waiter, isolation: .logEnd, offset: asked.request.fetchOffset)
            return token.map { (partition, $0) }
        }
        self.waiting[waiter] = waiting
        output.timers.append((now + ClusterNode.fetchWait, .fetchWaitEnd(waiter)))
    }

    private mutating func read(
        _ request: FetchPartitionRequest, from waiting: WaitingFetch, partition: Int, now: Instant,
        effects: inout ReplicaEffects
    ) -> FetchedPartition {
        var answer = FetchedPartition(
            partition: partition, error: .noError, divergingEpoch: nil, highWatermark: -1, logStartOffset: -1,
            records: [])
        guard let log = self.logs[partition] else {
            answer.error = .unknownTopicOrPartition
            return answer
        }
        let lastEpoch = request.lastFetchedEpoch == .unknown ? nil : request.lastFetchedEpoch
        let fetch = FollowerFetch(
            replicaID: NodeID(Int32(waiting.from)), brokerEpoch: waiting.brokerEpoch, fetchOffset: request.fetchOffset,
            logStartOffset: request.logStartOffset, currentLeaderEpoch: request.currentLeaderEpoch,
            lastFetchedEpoch: lastEpoch)
        let decision = self.replicas[partition]?.followerFetched(
            fetch, lastEpochEnd: lastEpoch.flatMap { log.end(of: $0) }, now: now, effects: &effects)
        answer.highWatermark = self.replicas[partition]?.highWatermark ?? -1
        answer.logStartOffset = log.startOffset
        switch decision {
        case .read(let end):
            answer.records = log.read(from: request.fetchOffset, upTo: end, max: ClusterNode.readLimit)
        case .diverging(let end): answer.divergingEpoch = end
        case .refuse(let error): answer.error = error
        case nil: answer.error = .unknownTopicOrPartition
        }
        return answer
    }

    private mutating func finish(
        _ waiting: WaitingFetch, _ answers: [FetchedPartition], now: Instant, output: inout NodeOutput
    ) {
        var told = zip(waiting.partitions, answers).map { asked, answer in
            FetchPartitionAnswer(
                slot: asked.slot, highWatermark: answer.highWatermark, logStartOffset: answer.logStartOffset,
                recordsSize: answer.records.count, error: answer.error, hasRedirection: answer.divergingEpoch != nil)
        }
        switch waiting.context {
        case .refused, .sessionless:
            self.respond(to: waiting, error: .noError, sessionID: 0, answers, output: &output)
        case .full:
            let id = self.sessions.open(
                waiting.head, partitions: waiting.partitions.map(\.request), answers: told, now: now)
            self.respond(to: waiting, error: .noError, sessionID: id, answers, output: &output)
        case .incremental(let turn):
            let error = self.sessions.finish(turn, answers: &told)
            let included = zip(told, answers).filter { $0.0.isIncluded }.map { $0.1 }
            self.respond(
                to: waiting, error: error, sessionID: turn.sessionID, error == .noError ? included : [],
                output: &output)
        }
    }

    private func respond(
        to waiting: WaitingFetch, error: ErrorCode, sessionID: Int32, _ answers: [FetchedPartition],
        output: inout NodeOutput
    ) {
        let payload = ClusterMessage.Payload.fetched(
            correlation: waiting.correlation, error: error, sessionID: sessionID, answers)
        output.messages.append(ClusterMessage(from: self.index, to: waiting.from, payload: payload))
    }
}
