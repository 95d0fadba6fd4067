import ApusCore
import EventLoop
import KafkaPrimitives
import KafkaProtocol
import KafkaRecords
import Networking

/// One request that is being put together.
private struct ProduceDraft {
    var channel: RequestChannel
    var partitions: [ProducerPartition] = []
    var bytes = 0
}

// MARK: Putting requests together

extension Producer {
    /// A partition whose leader refused waits so long for news before the same leader is asked again.
    private static let refusalPatience = Interval.milliseconds(200)
    /// With acks=0 nothing is given to a connection that has so many bytes left to send.
    private static let unsentBytesMax = 4 << 20
    /// A leader that has not answered for so long may have been deposed.
    private static let patience = Interval.milliseconds(500)
    /// Delivery timeouts are noticed so soon.
    private static let expiryInterval = Interval.milliseconds(100)

    /// Sends what can be sent, and sees to it that this is called when more can be.
    func drain() {
        let now = self.loop.now
        var drafts: [NodeID: ProduceDraft] = [:]
        var order: [NodeID] = []
        var left: [ProducerPartition] = []
        var next: Instant?
        var needsLeaders = false
        let active = self.active
        self.active = []
        for partition in active {
            switch self.readiness(of: partition, now: now, drafts: drafts) {
            case .nothing:
                partition.isActive = false
            case .expired(let outcome):
                partition.isActive = false
                self.end(partition, outcome)
                if !partition.batches.isEmpty { self.activate(partition) }
            case .later(let instant):
                left.append(partition)
                next = min(next ?? instant, instant)
            case .waiting(let wantsLeaders):
                left.append(partition)
                needsLeaders = needsLeaders || wantsLeaders
                let check = now + Self.expiryInterval
                next = min(next ?? check, check)
            case .ready(let node, let channel):
                if drafts[node] == nil {
                    drafts[node] = ProduceDraft(channel: channel)
                    order.append(node)
                }
                drafts[node]?.partitions.append(partition)
                drafts[node]?.bytes += partition.batches[0].bytes
            }
        }
        // What was left goes first the next time, so that nobody starves behind a full request.
        self.active = left + self.active
        for node in order {
            if let draft = drafts[node] { self.send(draft, to: node) }
        }
        if needsLeaders { self.cluster.requestRefresh() }
        self.wake.schedule(next) { [weak self] in self?.scheduleDrain() }
    }

    private enum Readiness {
        case nothing
        case expired(DeliveryOutcome)
        case later(Instant)
        case waiting(wantsLeaders: Bool)
        case ready(NodeID, RequestChannel)
    }

    private func readiness(
        of partition: ProducerPartition, now: Instant, drafts: [NodeID: ProduceDraft]
    ) -> Readiness {
        guard !partition.isInFlight, let batch = partition.batches.first else { return .nothing }
        if now - batch.began >= self.configuration.deliveryTimeout {
            return .expired(batch.isUncertain ? .unknown(.requestTimedOut) : .refused(.requestTimedOut))
        }
        if let due = partition.due(linger: self.isFlushing ? .zero : self.configuration.linger), due > now {
            return .later(due)
        }
        if self.configuration.isIdempotent, partition.identity == nil {
            guard let id = self.producerID else { return .waiting(wantsLeaders: false) }
            partition.identity = ProducerIdentity(id: id, epoch: self.producerEpoch)
        }
        guard let known = self.cluster.metadata.partition(partition.topic, partition.index), known.leader >= 0 else {
            return .waiting(wantsLeaders: true)
        }
        if let refused = partition.refusedEpoch {
            if known.leaderEpoch <= refused, now - (partition.retryAt ?? now) < Self.refusalPatience {
                return .waiting(wantsLeaders: true)
            }
            partition.refusedEpoch = nil
        }
        let node = known.leader
        guard let channel = self.cluster.channel(to: node) else { return .waiting(wantsLeaders: true) }
        if self.requestsInFlight[node, default: 0] >= self.configuration.requestsInFlightMax
            || channel.unsentBytes > Self.unsentBytesMax && self.configuration.acknowledgement == .none
        {
            return self.configuration.acknowledgement == .none
                ? .later(now + .milliseconds(1)) : .waiting(wantsLeaders: false)
        }
        if let draft = drafts[node], draft.bytes + batch.bytes > self.configuration.requestBytesMax {
            // There may be room for a further request in the next iteration.
            self.scheduleDrain()
            return .waiting(wantsLeaders: false)
        }
        return .ready(node, channel)
    }

    private func activate(_ partition: ProducerPartition) {
        guard !partition.isActive, !partition.isInFlight, !self.isClosed else { return }
        partition.isActive = true
        self.active.append(partition)
        self.scheduleDrain()
    }
}

// MARK: Requests and their answers

extension Producer {
    private func send(_ draft: ProduceDraft, to node: NodeID) {
        var request = ProduceRequest()
        request.acks = self.configuration.acknowledgement.rawValue
        request.timeoutMs = Int32(clamping: self.configuration.acknowledgementTimeout.milliseconds)
        var newest = ProduceRequest.validVersions.upperBound
        var sent: [ProducerPartition] = []
        var bytes = 512
        for partition in draft.partitions.sorted(by: { $0.topic < $1.topic }) {
            let topicID = self.cluster.metadata.topics[partition.topic]?.id ?? .zero
            // Version 13 names topics by id alone.
            if topicID == .zero { newest = min(newest, 12) }
            var entry = ProduceRequest.PartitionProduceData()
            entry.index = partition.index
            do throws(RecordError) {
                let sealed = try partition.batches[0].seal(partition.identity, scratch: self.scratch)
                entry.records = .bytes(sealed)
                bytes += sealed.count + 64 + partition.topic.utf8.count
            } catch {
                partition.isActive = false
                self.end(partition, .refused(.unsupportedCompressionType))
                self.activateRest(of: partition)
                continue
            }
            if request.topicData.last?.name != partition.topic {
                var topic = ProduceRequest.TopicProduceData()
                topic.name = partition.topic
                topic.topicId = topicID
                request.topicData.append(topic)
            }
            request.topicData[request.topicData.count - 1].partitionData.append(entry)
            sent.append(partition)
        }
        guard !sent.isEmpty else { return }
        for partition in sent {
            partition.isActive = false
            partition.batches[0].attempts += 1
        }
        if self.configuration.acknowledgement == .none {
            self.sendUnanswered(request, newest: newest, bytes: bytes, sent, draft.channel)
            return
        }
        for partition in sent { partition.isInFlight = true }
        self.requestsInFlight[node, default: 0] += 1
        let watched = self.late.add(draft.channel, patience: Self.patience) { [weak self] in
            guard let metadata = self?.cluster.metadata else { return false }
            return sent.contains { metadata.partition($0.topic, $0.index)?.leader != node }
        }
        draft.channel.send(
            request, newest: newest, bytesExpected: bytes, timeout: self.cluster.configuration.requestTimeout
        ) { [weak self] result in
            guard let self else { return }
            self.late.remove(watched)
            self.requestsInFlight[node, default: 1] -= 1
            guard !self.isClosed else { return }
            self.answered(result, to: sent)
            self.scheduleDrain()
        }
    }

    private func sendUnanswered(
        _ request: ProduceRequest, newest: Int16, bytes: Int, _ sent: [ProducerPartition], _ channel: RequestChannel
    ) {
        if channel.sendUnanswered(request, newest: newest, bytesExpected: bytes) {
            for partition in sent { self.end(partition, .stored(baseOffset: .unknown)) }
        }
        for partition in sent { self.activateRest(of: partition) }
    }

    private func answered(_ result: Result<ProduceResponse, ChannelError>, to sent: [ProducerPartition]) {
        for partition in sent { partition.isInFlight = false }
        switch result {
        case .failure(let error):
            let attempt: AttemptResult =
                switch error {
                case .disconnected, .malformedAnswer: .lost
                case .unsupported: .answered(.unsupportedVersion)
                }
            for partition in sent { self.conclude(partition, attempt, nil) }
        case .success(let response):
            self.cluster.learn(
                response.nodeEndpoints.map {
                    BrokerEndpoint(node: $0.nodeId, host: $0.host, port: $0.port, rack: $0.rack)
                })
            var answers: [TopicPartition: ProduceResponse.PartitionProduceResponse] = [:]
            for topic in response.responses {
                let name = topic.name.isEmpty ? self.cluster.metadata.name(of: topic.topicId) : topic.name
                guard let name else { continue }
                for partition in topic.partitionResponses {
                    answers[TopicPartition(topic: name, partition: partition.index)] = partition
                }
            }
            for partition in sent {
                let answer = answers[TopicPartition(topic: partition.topic, partition: partition.index)]
                self.conclude(partition, answer.map { .answered($0.errorCode) } ?? .lost, answer)
            }
        }
    }

    /// Decides about the first batch of a partition after an attempt.
    private func conclude(
        _ partition: ProducerPartition, _ attempt: AttemptResult, _ answer: ProduceResponse.PartitionProduceResponse?
    ) {
        guard let batch = partition.batches.first else { return }
        let now = self.loop.now
        let decision = DeliveryDecision(
            attempt, wasUncertain: batch.isUncertain, isIdempotent: self.configuration.isIdempotent,
            isExpired: now - batch.began >= self.configuration.deliveryTimeout)
        batch.isUncertain = batch.isUncertain || attempt.mayBeStored && decision != .stored
        switch decision {
        case .stored:
            partition.retryAt = nil
            self.end(partition, .stored(baseOffset: answer?.baseOffset ?? .unknown))
        case .retry(let refreshesLeaders):
            self.retry(partition, answer, refreshesLeaders: refreshesLeaders, isLost: attempt == .lost)
        case .restamp:
            self.renewIdentity(of: partition)
            guard let identity = partition.identity else {
                self.end(partition, .refused(attempt.code))
                break
            }
            do throws(RecordError) {
                try batch.restamp(identity)
            } catch {
                self.end(partition, .refused(attempt.code))
            }
        case .refused:
            self.end(partition, .refused(attempt.code))
        case .unknown:
            self.end(partition, .unknown(attempt.code))
        }
        self.activateRest(of: partition)
    }

    private func retry(
        _ partition: ProducerPartition, _ answer: ProduceResponse.PartitionProduceResponse?, refreshesLeaders: Bool,
        isLost: Bool
    ) {
        let now = self.loop.now
        partition.retryAt = now + self.configuration.retryBackoff
        guard refreshesLeaders else { return }
        let epoch = self.cluster.metadata.partition(partition.topic, partition.index)?.leaderEpoch
        if let hint = answer?.currentLeader,
            self.cluster.learn(
                leader: hint.leaderId, epoch: hint.leaderEpoch, of: partition.topic, partition.index)
        {
            partition.retryAt = nil
        } else {
            // After a lost connection the leader may still be the leader; after a refusal it is not, or not yet.
            partition.refusedEpoch = isLost ? nil : epoch
            if isLost { partition.retryAt = nil }
            self.cluster.requestRefresh()
        }
    }

    private func activateRest(of partition: ProducerPartition) {
        guard !partition.batches.isEmpty else { return }
        self.activate(partition)
    }
}
