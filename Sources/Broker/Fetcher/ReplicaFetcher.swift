import ApusCore
import Configuration
import EventLoop
import KafkaPrimitives
import KafkaProtocol
import Networking
import Replication
import Telemetry

/// Copies from one leader broker everything that this broker follows there, over one connection with a fetch session.
///
/// Decides nothing: `FollowerFetchState` says what to ask and what an answer means, and the partitions say what they
/// take. Lives on one data loop; one request is under way at a time.
final class ReplicaFetcher: RequestChannelObserver, @unchecked Sendable {
    // Unchecked: everything is touched on the loop only; `add`, `remove` and `stop` hop there.

    private let loop: ServingLoop
    private let services: BrokerServices
    private let log: Logger
    private var channel: RequestChannel?
    private var state: FollowerFetchState
    private var partitions: [TopicIDPartition: Partition] = [:]
    private var request = FollowerFetchRequest()
    private var effects = ReplicaEffects()
    private var wakeUp: TimerID?
    private var isStopped = false

    /// Beyond the longest wait at the leader, an answer this late means that the leader is stuck.
    private var answerTimeout: Interval {
        self.services.configuration.replication.socketTimeout + self.services.configuration.replication.fetchWaitMax
    }

    init(leader: NodeID, endpoint: OutgoingConfiguration, loop: ServingLoop, network: Network, services: BrokerServices)
    {
        self.loop = loop
        self.services = services
        self.log = services.log
        let replication = services.configuration.replication
        self.state = FollowerFetchState(
            leader: leader,
            policy: FollowerFetchPolicy(
                backoff: replication.fetchBackoff,
                partitionBytesMax: Int32(clamping: replication.fetchPartitionBytesMax)))
        loop.loop.execute {
            let channel = RequestChannel(
                to: leader, endpoint, network: network, loop: loop.loop,
                clientID: "broker-\(services.configuration.nodeID)-fetcher-0",
                backoff: ReconnectBackoff(initial: .milliseconds(20), maximum: .milliseconds(500)),
                seed: UInt64(bitPattern: Int64(leader.rawValue)), observer: self)
            self.channel = channel
            channel.open()
        }
    }

    /// Begins to fetch a partition under a leader epoch. From any thread.
    func add(_ partition: Partition, leaderEpoch: LeaderEpoch) {
        self.loop.loop.execute {
            let progress = partition.progress
            self.partitions[partition.id] = partition
            let truncation = self.state.add(
                partition.id, leaderEpoch: leaderEpoch, log: progress.log, latestEpoch: progress.latestEpoch,
                highWatermark: progress.highWatermark)
            if truncation == .none, progress.isFlushOwed {
                self.flush(partition, progress, leaderEpoch: leaderEpoch)
            }
            self.truncate(partition, truncation, leaderEpoch: leaderEpoch)
            self.fetchNext()
        }
    }

    /// Fetches a partition no longer. From any thread.
    func remove(_ partition: TopicIDPartition) {
        self.loop.loop.execute {
            self.state.remove(partition)
            self.partitions[partition] = nil
        }
    }

    /// Ends the connection for good. From any thread.
    func stop() {
        self.loop.loop.execute {
            self.isStopped = true
            self.channel?.close()
        }
    }

    // MARK: - Asking

    private func fetchNext() {
        guard !self.isStopped, let channel = self.channel, channel.isOpen else { return }
        self.cancelWakeUp()
        guard self.state.nextFetch(now: self.loop.loop.now, into: &self.request) else {
            if let at = self.state.wakeUp {
                self.wakeUp = self.loop.loop.schedule(at: at) { [weak self] in
                    self?.wakeUp = nil
                    self?.fetchNext()
                }
            }
            return
        }
        channel.send(self.message(), timeout: self.answerTimeout) { [weak self] result in
            self?.answered(result)
        }
    }

    private func cancelWakeUp() {
        if let wakeUp = self.wakeUp { self.loop.loop.cancel(wakeUp) }
        self.wakeUp = nil
    }

    private func message() -> FetchRequest {
        let replication = self.services.configuration.replication
        var message = FetchRequest()
        message.replicaState.replicaId = self.services.configuration.nodeID
        message.replicaState.replicaEpoch = self.services.brokerEpoch
        let waitMax = min(self.request.waitMax ?? replication.fetchWaitMax, replication.fetchWaitMax)
        // Not a little too soon.
        message.maxWaitMs = Int32(clamping: (waitMax.nanoseconds + 999_999) / 1_000_000)
        message.minBytes = Int32(clamping: replication.fetchBytesMin)
        message.maxBytes = Int32(clamping: replication.fetchResponseBytesMax)
        message.sessionId = self.request.session.sessionID
        message.sessionEpoch = self.request.session.epoch
        for wanted in self.request.partitions {
            var partition = FetchRequest.FetchPartition()
            partition.partition = wanted.partition.partition
            partition.currentLeaderEpoch = wanted.position.leaderEpoch
            partition.fetchOffset = wanted.position.fetchOffset
            partition.lastFetchedEpoch = wanted.position.lastFetchedEpoch ?? .unknown
            partition.logStartOffset = wanted.position.logStartOffset
            partition.partitionMaxBytes = wanted.bytesMax
            if message.topics.last?.topicId == wanted.partition.topicID {
                message.topics[message.topics.count - 1].partitions.append(partition)
            } else {
                var topic = FetchRequest.FetchTopic()
                topic.topicId = wanted.partition.topicID
                topic.partitions = [partition]
                message.topics.append(topic)
            }
        }
        for forgotten in self.request.forgotten {
            var topic = FetchRequest.ForgottenTopic()
            topic.topicId = forgotten.topicID
            topic.partitions = [forgotten.partition]
            message.forgottenTopicsData.append(topic)
        }
        return message
    }

    // MARK: - Answers

    private func answered(_ result: Result<FetchResponse, ChannelError>) {
        guard case .success(let response) = result else {
            self.state.connectionLost(now: self.loop.loop.now)
            self.fetchNext()
            return
        }
        let count = response.responses.reduce(0) { $0 + $1.partitions.count }
        if self.state.responded(
            error: response.errorCode, sessionID: response.sessionId, partitionCount: count, now: self.loop.loop.now)
        {
            let time = self.loop.loop.clock.wall
            for topic in response.responses {
                for data in topic.partitions {
                    self.answered(
                        TopicIDPartition(topicID: topic.topicId, partition: data.partitionIndex), data, time: time)
                }
            }
        }
        self.fetchNext()
    }

    private func answered(_ id: TopicIDPartition, _ data: FetchResponse.PartitionData, time: Timestamp) {
        guard let partition = self.partitions[id] else { return }
        let hasDivergence = data.divergingEpoch.epoch >= 0
        let answer = LeaderFetchAnswer(
            partition: id, error: data.errorCode,
            divergingEpoch: hasDivergence
                ? EpochEndOffset(leaderEpoch: data.divergingEpoch.epoch, endOffset: data.divergingEpoch.endOffset) : nil
        )
        switch self.state.answered(answer, now: self.loop.loop.now) {
        case .ignore, .backOff:
            break
        case .remove:
            self.partitions[id] = nil
        case .append(let offset, let leaderEpoch):
            self.append(data, to: partition, at: offset, leaderEpoch: leaderEpoch, time: time)
        case .truncate(let leaderEnd, let leaderEpoch):
            self.log.info(
                "the log parts from its leader's",
                [
                    "partition": LogValue(partition.topicPartition), "epoch": LogValue(leaderEnd.leaderEpoch),
                    "end": LogValue(leaderEnd.endOffset),
                ])
            self.performTruncation(partition, leaderEpoch: leaderEpoch) { effects in
                partition.truncate(divergingAt: leaderEnd, leaderEpoch: leaderEpoch, effects: &effects)
            }
        case .queryLeaderOffsets(let leaderEpoch):
            self.queryOffsets(partition, leaderEpoch: leaderEpoch)
        }
    }

    private func append(
        _ data: FetchResponse.PartitionData, to partition: Partition, at offset: Offset, leaderEpoch: LeaderEpoch,
        time: Timestamp
    ) {
        var records = ByteSlice.empty
        if case .bytes(let slice) = data.records { records = slice }
        let progress = partition.append(
            FetchedRecords(
                leaderEpoch: leaderEpoch, fetchOffset: offset, records: records, highWatermark: data.highWatermark,
                logStartOffset: data.logStartOffset),
            time: time, effects: &self.effects)
        self.services.carryOut(&self.effects, of: partition)
        if progress.mustFlush { self.services.storageWork.flush(partition) }
        if progress.error == .noError, progress.isFlushOwed {
            self.flush(partition, progress, leaderEpoch: leaderEpoch)
        } else if progress.error == .noError {
            self.state.appended(
                partition.id, leaderEpoch: leaderEpoch, endOffset: progress.log.endOffset,
                latestEpoch: progress.latestEpoch)
        } else {
            self.log.warn(
                "cannot append what the leader sent",
                ["partition": LogValue(partition.topicPartition), "error": LogValue(progress.error)])
            self.state.appendFailed(
                partition.id, leaderEpoch: leaderEpoch, log: progress.log, latestEpoch: progress.latestEpoch,
                now: self.loop.loop.now)
        }
    }

    /// Brings what was appended to the disk, on a thread that may wait for it, before the next fetch acknowledges it.
    private func flush(_ partition: Partition, _ progress: FollowerProgress, leaderEpoch: LeaderEpoch) {
        self.state.flushing(partition.id, leaderEpoch: leaderEpoch)
        let loop = self.loop.loop
        self.services.storageWork.payFlushDebt(of: partition, services: self.services) {
            loop.execute {
                self.state.flushed(
                    partition.id, leaderEpoch: leaderEpoch, endOffset: progress.log.endOffset,
                    latestEpoch: progress.latestEpoch)
                self.fetchNext()
            }
        }
    }

    // MARK: - Truncation

    private func truncate(_ partition: Partition, _ truncation: FollowerTruncation, leaderEpoch: LeaderEpoch) {
        guard truncation != .none else { return }
        self.log.info(
            "truncating a log",
            ["partition": LogValue(partition.topicPartition), "how": LogValue("\(truncation)")])
        self.performTruncation(partition, leaderEpoch: leaderEpoch) { effects in
            partition.truncate(truncation, leaderEpoch: leaderEpoch, effects: &effects)
        }
    }

    /// Cuts the log on a thread that may wait for the disk, and reports back.
    private func performTruncation(
        _ partition: Partition, leaderEpoch: LeaderEpoch,
        _ cut: @escaping @Sendable (inout ReplicaEffects) -> FollowerProgress
    ) {
        let loop = self.loop.loop
        self.services.storageWork.perform {
            var effects = ReplicaEffects()
            let progress = cut(&effects)
            self.services.carryOut(&effects, of: partition)
            loop.execute {
                if progress.error == .noError {
                    self.state.truncated(
                        partition.id, leaderEpoch: leaderEpoch, log: progress.log, latestEpoch: progress.latestEpoch)
                    if progress.isFlushOwed { self.flush(partition, progress, leaderEpoch: leaderEpoch) }
                }
                self.fetchNext()
            }
        }
    }

    /// Asks the leader where its log begins and ends, after it refused the offset that was asked for.
    private func queryOffsets(_ partition: Partition, leaderEpoch: LeaderEpoch) {
        self.queryOffset(ListOffsetsTimestamp.latest, partition, leaderEpoch) { latest in
            self.queryOffset(ListOffsetsTimestamp.earliest, partition, leaderEpoch) { earliest in
                let progress = partition.progress
                let truncation = self.state.leaderOffsetsReceived(
                    partition.id, leaderEpoch: leaderEpoch, earliest: earliest, latest: latest, log: progress.log,
                    latestEpoch: progress.latestEpoch)
                self.truncate(partition, truncation, leaderEpoch: leaderEpoch)
                self.fetchNext()
            }
        }
    }

    private func queryOffset(
        _ timestamp: Timestamp, _ partition: Partition, _ leaderEpoch: LeaderEpoch,
        then use: @escaping (Offset) -> Void
    ) {
        var wanted = ListOffsetsRequest.ListOffsetsPartition()
        wanted.partitionIndex = partition.id.partition
        wanted.currentLeaderEpoch = leaderEpoch
        wanted.timestamp = timestamp
        var topic = ListOffsetsRequest.ListOffsetsTopic()
        topic.name = partition.topicPartition.topic
        topic.partitions = [wanted]
        var message = ListOffsetsRequest()
        message.replicaId = self.services.configuration.nodeID
        message.topics = [topic]
        self.channel?.send(message, timeout: self.answerTimeout) { [weak self] result in
            var error = ErrorCode.networkException
            if case .success(let response) = result, let answer = response.topics.first?.partitions.first {
                if answer.errorCode == .noError {
                    use(answer.offset)
                    return
                }
                error = answer.errorCode
            }
            guard let self else { return }
            _ = self.state.leaderOffsetsFailed(
                partition.id, leaderEpoch: leaderEpoch, error: error, now: self.loop.loop.now)
            self.fetchNext()
        }
    }
}

extension ReplicaFetcher {
    func channelOpened(_ channel: RequestChannel) {
        self.services.suspicions.connected(to: channel.peer)
        self.fetchNext()
    }

    func channelClosed(_ channel: RequestChannel, reason: CloseReason) {
        self.services.suspicions.connectionLost(to: channel.peer, now: self.loop.loop.now)
        // What followers fetch from here is about to change, and their next requests will not wait for long either.
        self.services.loops.releaseFollowers()
        self.log.debug(
            "no connection to a leader", ["leader": LogValue(channel.peer), "reason": LogValue(reason)])
    }
}
