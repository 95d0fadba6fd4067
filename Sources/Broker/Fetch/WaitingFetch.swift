import ApusCore
import ClusterMetadata
import Configuration
import EventLoop
import KafkaPrimitives
import KafkaProtocol
import LogStorage
import Networking
import Replication
import Synchronization

/// A fetch request on its way to an answer: read at once, and again whenever one of its partitions moves, until there
/// is enough or the time is up.
///
/// Lives on the data loop of its connection.
final class WaitingFetch {
    private let request: Request
    private let services: BrokerServices
    private let loop: ServingLoop
    private let reader: FetchReader
    private let context: FetchContext
    private let partitions: [FetchSessionPartition]
    private let replicas: [ReplicaLookup]
    private var replies: [FetchReply] = []
    private var preferred: [NodeID] = []
    private var id: FetchWaiterID?
    private var tokens: [(partition: Partition, token: FetchWaitToken)] = []
    private var timer: TimerID?
    /// The answer is due soon, because the follower is to hear of a high watermark.
    private var isHurried = false

    init(
        _ request: Request, services: BrokerServices, loop: ServingLoop, reader: FetchReader, context: FetchContext,
        partitions: [FetchSessionPartition]
    ) {
        self.request = request.withoutBytes()
        self.services = services
        self.loop = loop
        self.reader = reader
        self.context = context
        self.partitions = partitions
        self.replicas = partitions.map { partition in
            let key = partition.request.key
            return reader.session.usesTopicIDs
                ? services.replica(TopicIDPartition(topicID: key.topicID, partition: key.partition))
                : services.replica(TopicPartition(topic: key.topic, partition: key.partition))
        }
    }

    /// Reads for the first time; a follower's progress is noted now.
    func begin() {
        self.read(isFirst: true)
        if self.isSatisfied || self.reader.maxWait == .zero || self.partitions.isEmpty {
            self.answer()
            return
        }
        let id = FetchWaiterID(rawValue: self.loop.confined.nextWaiterNumber())
        self.id = id
        self.loop.confined.fetches[id] = self
        self.isHurried = self.hasHighWatermarkToTell
        self.schedule(after: self.isHurried ? min(Self.highWatermarkPatience, self.waitMax) : self.waitMax)
        // Where a partition has moved since it was read, or has too many waiters, this reads again at once.
        if !self.registerWaits(id) { self.wake() }
    }

    /// A partition moved: reads again, and answers or goes on waiting.
    func wake() {
        guard let id = self.id else { return }
        self.cancelWaits()
        self.read(isFirst: false)
        if self.isSatisfied { return self.answer() }
        if !self.isHurried, self.hasHighWatermarkToTell {
            self.isHurried = true
            self.schedule(after: Self.highWatermarkPatience)
        }
        if !self.registerWaits(id) { self.answer() }
    }

    /// Answers after `interval` with what there is then.
    private func schedule(after interval: Interval) {
        if let timer = self.timer { self.loop.loop.cancel(timer) }
        self.timer = self.loop.loop.schedule(after: interval) {
            self.timer = nil
            self.read(isFirst: false)
            self.answer()
        }
    }

    // MARK: - High watermarks for followers that consumers read from

    /// Where consumers read from followers (KIP-392), these hear of a new high watermark after so long at most, and not
    /// with the answer to the next record or after the longest wait. Long enough that under load it goes with records.
    private static let highWatermarkPatience = Interval.milliseconds(5)

    private var tellsHighWatermarks: Bool {
        self.reader.isFollower && self.services.configuration.replication.selectsReplicaByRack
    }

    private var hasHighWatermarkToTell: Bool {
        guard self.tellsHighWatermarks else { return false }
        return zip(self.replies, self.partitions).contains { $0.highWatermark > $1.toldHighWatermark }
    }

    /// How long the request may be kept. While a broker is suspected to be dead leaders are about to change, and a
    /// partition that a follower is to fetch from here next has to wait for its request under way to return.
    private var waitMax: Interval {
        guard self.reader.isFollower, !self.services.suspicions.current(now: self.loop.loop.now).isEmpty else {
            return self.reader.maxWait
        }
        return min(self.reader.maxWait, Self.unsettledWaitMax)
    }

    private static let unsettledWaitMax = Interval.milliseconds(20)

    /// Answers a follower now: what it asked for may be about to change.
    func releaseFollower() {
        guard self.reader.isFollower, self.id != nil else { return }
        self.cancelWaits()
        self.read(isFirst: false)
        self.answer()
    }

    // MARK: - Reading

    private var isSatisfied: Bool {
        var bytes = 0
        for (index, reply) in self.replies.enumerated() {
            if reply.error != .noError || reply.divergence != nil || self.preferred[index] != .none { return true }
            bytes += reply.byteCount
        }
        return bytes >= self.reader.minBytes
    }

    private func read(isFirst: Bool) {
        self.replies.removeAll(keepingCapacity: true)
        self.preferred.removeAll(keepingCapacity: true)
        var bytesLeft =
            self.reader.isFollower
            ? self.reader.maxBytes : min(self.reader.maxBytes, self.services.fetchBytesMax)
        var isEmpty = true
        for (index, partition) in self.partitions.enumerated() {
            var reply = FetchReply()
            var preferred = NodeID.none
            switch self.replicas[index] {
            case .missing(let error):
                reply.error = error
            case .here(let replica):
                let budget = FetchBudget(
                    bytesMax: min(bytesLeft, Int(max(0, partition.request.maxBytes))), minOneBatch: isEmpty)
                (reply, preferred) = self.read(partition.request, replica, budget: budget, isFirst: isFirst)
            }
            bytesLeft = max(0, bytesLeft - reply.byteCount)
            if reply.byteCount > 0 { isEmpty = false }
            self.replies.append(reply)
            self.preferred.append(preferred)
        }
    }

    private func read(
        _ wanted: FetchPartitionRequest, _ replica: Partition, budget: FetchBudget, isFirst: Bool
    ) -> (FetchReply, NodeID) {
        let epoch = wanted.currentLeaderEpoch >= 0 ? wanted.currentLeaderEpoch : nil
        let lastEpoch = wanted.lastFetchedEpoch >= 0 ? wanted.lastFetchedEpoch : nil
        guard self.reader.isFollower else {
            if let rack = self.reader.rack,
                let preferred = self.services.preferredReadReplica(of: replica, rack: rack, offset: wanted.fetchOffset)
            {
                return (FetchReply(), preferred)
            }
            let fetch = ConsumerFetch(
                fetchOffset: wanted.fetchOffset, currentLeaderEpoch: epoch, lastFetchedEpoch: lastEpoch,
                isolation: self.reader.isolation, mayReadFollower: self.reader.version >= 11)
            return (replica.fetch(fetch, budget: budget), .none)
        }
        let fetch = FollowerFetch(
            replicaID: self.reader.replicaID, brokerEpoch: self.reader.brokerEpoch, fetchOffset: wanted.fetchOffset,
            logStartOffset: wanted.logStartOffset, currentLeaderEpoch: epoch, lastFetchedEpoch: lastEpoch)
        guard isFirst else { return (replica.fetchAgain(fetch, budget: budget), .none) }
        let confined = self.loop.confined
        let reply = replica.fetch(fetch, budget: budget, now: self.loop.loop.now, effects: &confined.effects)
        self.services.carryOut(&confined.effects, of: replica)
        return (reply, .none)
    }

    // MARK: - Waiting

    /// Waits at every partition; false where one has moved meanwhile, or has too many waiters.
    private func registerWaits(_ id: FetchWaiterID) -> Bool {
        let watchesHighWatermark = !self.isHurried && self.tellsHighWatermarks
        for (index, lookup) in self.replicas.enumerated() {
            guard case .here(let replica) = lookup else { continue }
            let end = max(self.replies[index].endOffset, self.partitions[index].request.fetchOffset)
            guard let token = replica.awaitFetch(id, isolation: self.reader.isolation, endOffset: end) else {
                return false
            }
            self.tokens.append((replica, token))
            guard watchesHighWatermark else { continue }
            let told = self.replies[index].highWatermark
            guard let token = replica.awaitFetch(id, isolation: .highWatermark, endOffset: told) else { return false }
            self.tokens.append((replica, token))
        }
        return true
    }

    private func cancelWaits() {
        for (partition, token) in self.tokens { partition.cancelFetch(token) }
        self.tokens.removeAll(keepingCapacity: true)
    }

    // MARK: - Answering

    private func answer() {
        self.cancelWaits()
        if let timer = self.timer { self.loop.loop.cancel(timer) }
        self.timer = nil
        if let id = self.id { self.loop.confined.fetches.removeValue(forKey: id) }
        self.id = nil

        var answers = self.replies.indices.map { self.sessionAnswer($0) }
        var response = FetchResponse()
        switch self.context {
        case .refused, .sessionless:
            break
        case .full:
            response.sessionId = self.services.fetchSessions.withLock {
                $0.open(
                    self.reader.session, partitions: self.partitions.map(\.request), answers: answers,
                    now: self.loop.loop.now)
            }
        case .incremental(let turn):
            response.errorCode = self.services.fetchSessions.withLock { $0.finish(turn, answers: &answers) }
            response.sessionId = turn.sessionID
        }
        if response.errorCode == .noError { self.fill(&response, answers) }
        self.count(response)
        self.request.respond(response)
    }

    /// Adds the answer's records to what moved through this broker.
    private func count(_ response: FetchResponse) {
        let size = response.responses.reduce(0) { size, topic in
            topic.partitions.reduce(size) { $0 + $1.records.count }
        }
        guard size > 0 else { return }
        let ownZone = self.services.configuration.rack
        guard self.reader.isFollower else {
            return self.services.traffic.consumed.add(size, zone: self.reader.rack, ownZone: ownZone)
        }
        // Followers do not say where they are; their registration does.
        let zone = ownZone == nil ? nil : self.services.metadata.current.image.brokers[self.reader.replicaID]?.rack
        self.services.traffic.replicated.add(size, zone: zone, ownZone: ownZone)
    }

    private func sessionAnswer(_ index: Int) -> FetchPartitionAnswer {
        let reply = self.replies[index]
        return FetchPartitionAnswer(
            slot: self.partitions[index].slot, highWatermark: reply.highWatermark,
            logStartOffset: reply.logStartOffset, recordsSize: reply.byteCount, error: reply.error,
            hasRedirection: reply.divergence != nil || self.preferred[index] != .none)
    }

    private func fill(_ response: inout FetchResponse, _ answers: [FetchPartitionAnswer]) {
        var leaders: [NodeID] = []
        for (index, answer) in answers.enumerated() where answer.isIncluded {
            let key = self.partitions[index].request.key
            let data = self.partitionData(index, key)
            if data.currentLeader.leaderId != .none { leaders.append(data.currentLeader.leaderId) }
            if let last = response.responses.last, last.topic == key.topic, last.topicId == key.topicID {
                response.responses[response.responses.count - 1].partitions.append(data)
            } else {
                var topic = FetchResponse.FetchableTopicResponse()
                topic.topic = key.topic
                topic.topicId = key.topicID
                topic.partitions = [data]
                response.responses.append(topic)
            }
        }
        guard self.reader.version >= 16, !leaders.isEmpty else { return }
        response.nodeEndpoints = self.services.endpoints(
            of: leaders, listener: self.request.connection.listenerName
        ).map { node in
            var endpoint = FetchResponse.NodeEndpoint()
            endpoint.nodeId = node.id
            endpoint.host = node.host
            endpoint.port = node.port
            endpoint.rack = node.rack
            return endpoint
        }
    }

    private func partitionData(_ index: Int, _ key: FetchPartitionKey) -> FetchResponse.PartitionData {
        let reply = self.replies[index]
        var data = FetchResponse.PartitionData()
        data.partitionIndex = key.partition
        data.errorCode = reply.error
        data.highWatermark = reply.highWatermark
        data.lastStableOffset = reply.lastStableOffset
        data.logStartOffset = reply.logStartOffset
        data.preferredReadReplica = self.preferred[index]
        data.records = reply.records.map { .file($0) } ?? .bytes(.empty)
        data.abortedTransactions = reply.abortedTransactions?.map { aborted in
            var transaction = FetchResponse.AbortedTransaction()
            transaction.producerId = aborted.producerID
            transaction.firstOffset = aborted.firstOffset
            return transaction
        }
        if let divergence = reply.divergence {
            data.divergingEpoch.epoch = divergence.leaderEpoch
            data.divergingEpoch.endOffset = divergence.endOffset
        }
        if reply.error == .notLeaderOrFollower || reply.error == .fencedLeaderEpoch {
            data.currentLeader.leaderId = reply.leader
            data.currentLeader.leaderEpoch = reply.leaderEpoch
        }
        return data
    }
}
