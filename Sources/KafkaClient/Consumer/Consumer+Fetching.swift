import ApusCore
import EventLoop
import KafkaPrimitives
import KafkaProtocol
import KafkaRecords
import Networking

// MARK: Asking

extension Consumer {
    private static let refusalPatience = Interval.milliseconds(200)
    /// A leader that has not answered for so much longer than it may wait may have been deposed.
    private static let patience = Interval.milliseconds(500)
    /// A fetch may take so much longer than it may wait.
    private static let answerSlack = Interval.seconds(10)
    /// A follower is read from for so long before the leader is asked again.
    private static let preferredMax = Interval.seconds(300)

    /// Asks every idle broker for what is wanted of it.
    func drive() {
        let now = self.loop.now
        var wanted: [NodeID: [ConsumerPartition]] = [:]
        var lookups: [ConsumerPartition] = []
        var next: Instant?
        var needsLeaders = false
        for partition in self.partitions where !partition.isInFlight && !partition.hasFailed && !partition.isPaused {
            if let retryAt = partition.retryAt, retryAt > now {
                next = min(next ?? retryAt, retryAt)
                continue
            }
            guard let known = self.cluster.metadata.partition(partition.topic, partition.index), known.leader >= 0
            else {
                needsLeaders = true
                continue
            }
            if let refused = partition.refusedEpoch {
                if known.leaderEpoch <= refused, now - (partition.retryAt ?? now) < Self.refusalPatience {
                    needsLeaders = true
                    continue
                }
                partition.refusedEpoch = nil
            }
            if partition.start != nil {
                lookups.append(partition)
                continue
            }
            if let preferred = partition.preferred, preferred.until <= now { partition.preferred = nil }
            let node = partition.preferred?.node ?? known.leader
            guard self.cluster.channel(to: node) != nil else {
                partition.preferred = nil
                needsLeaders = true
                continue
            }
            if !self.busyNodes.contains(node) { wanted[node, default: []].append(partition) }
        }
        for node in wanted.keys.sorted() {
            if let partitions = wanted[node], let channel = self.cluster.channel(to: node) {
                self.fetch(partitions, from: node, channel)
            }
        }
        if !lookups.isEmpty { self.lookUp(lookups) }
        if needsLeaders {
            self.cluster.requestRefresh()
            let check = now + .milliseconds(100)
            next = min(next ?? check, check)
        }
        self.wake.schedule(next) { [weak self] in self?.scheduleDrive() }
    }

    private func fetch(_ partitions: [ConsumerPartition], from node: NodeID, _ channel: RequestChannel) {
        var request = FetchRequest()
        request.maxWaitMs = Int32(clamping: self.configuration.waitMax.milliseconds)
        request.minBytes = self.configuration.bytesMin
        request.maxBytes = self.configuration.bytesMax
        request.isolationLevel = self.configuration.readsCommitted ? 1 : 0
        request.rackId = self.configuration.rack
        var newest = FetchRequest.validVersions.upperBound
        var asked: [(partition: ConsumerPartition, position: Offset)] = []
        for partition in partitions {
            let topic = self.cluster.metadata.topics[partition.topic]
            let id = topic?.id ?? .zero
            // From version 13 on topics are named by id alone.
            if id == .zero { newest = min(newest, 12) }
            var entry = FetchRequest.FetchPartition()
            entry.partition = partition.index
            entry.currentLeaderEpoch =
                partition.preferred == nil
                ? self.cluster.metadata.partition(partition.topic, partition.index)?.leaderEpoch ?? .unknown : .unknown
            entry.fetchOffset = partition.position
            entry.lastFetchedEpoch = partition.lastEpoch
            entry.partitionMaxBytes = self.configuration.partitionBytesMax
            if request.topics.last?.topic != partition.topic {
                var group = FetchRequest.FetchTopic()
                group.topic = partition.topic
                group.topicId = id
                request.topics.append(group)
            }
            request.topics[request.topics.count - 1].partitions.append(entry)
            partition.isInFlight = true
            asked.append((partition, partition.position))
        }
        self.busyNodes.insert(node)
        let watched = self.late.add(channel, patience: self.configuration.waitMax + Self.patience) { [weak self] in
            guard let metadata = self?.cluster.metadata else { return false }
            return asked.contains {
                $0.partition.preferred == nil
                    && metadata.partition($0.partition.topic, $0.partition.index)?.leader != node
            }
        }
        channel.send(
            request, newest: newest, bytesExpected: 256 + 64 * partitions.count,
            timeout: self.configuration.waitMax + Self.answerSlack
        ) { [weak self] result in
            guard let self else { return }
            self.late.remove(watched)
            self.busyNodes.remove(node)
            for entry in asked { entry.partition.isInFlight = false }
            guard !self.isClosed else { return }
            self.answered(result, asked, by: node)
        }
    }

    private func lookUp(_ partitions: [ConsumerPartition]) {
        var starts: [TopicPartition: StartPosition] = [:]
        for partition in partitions {
            guard let start = partition.start else { continue }
            partition.isInFlight = true
            starts[TopicPartition(topic: partition.topic, partition: partition.index)] = start
        }
        self.cluster.listOffsets(starts, readsCommitted: self.configuration.readsCommitted) { [weak self] found in
            guard let self else { return }
            for partition in partitions { partition.isInFlight = false }
            guard !self.isClosed else { return }
            for partition in partitions where !partition.hasFailed {
                let answer = found[TopicPartition(topic: partition.topic, partition: partition.index)]
                guard self.accept(answer?.errorCode ?? .networkException, partition), let answer else { continue }
                if answer.offset == .unknown {
                    // No record is as new as the time that was given.
                    partition.start = .latest
                } else {
                    partition.start = nil
                    partition.position = answer.offset
                    self.notice(.began(at: answer.offset), partition)
                }
            }
            self.scheduleDrive()
        }
    }
}

// MARK: Answers

extension Consumer {
    private struct Haul {
        var partition: ConsumerPartition
        var node: NodeID
        var batches: [RecordBatchView]
        var from: Offset
        var highWatermark: Offset
        var failure: ClientError?
    }

    private func answered(
        _ result: Result<FetchResponse, ChannelError>, _ asked: [(partition: ConsumerPartition, position: Offset)],
        by node: NodeID
    ) {
        let response: FetchResponse
        switch result {
        case .failure:
            for entry in asked where !entry.partition.hasFailed {
                // The connection may be back at once, and the leader the same.
                entry.partition.preferred = nil
            }
            self.cluster.requestRefresh()
            self.scheduleDrive()
            return
        case .success(let answer): response = answer
        }
        self.cluster.learn(
            response.nodeEndpoints.map { BrokerEndpoint(node: $0.nodeId, host: $0.host, port: $0.port, rack: $0.rack) })
        var answers: [TopicPartition: FetchResponse.PartitionData] = [:]
        for topic in response.responses {
            let name = topic.topic.isEmpty ? self.cluster.metadata.name(of: topic.topicId) : topic.topic
            guard let name else { continue }
            for partition in topic.partitions {
                answers[TopicPartition(topic: name, partition: partition.partitionIndex)] = partition
            }
        }
        var hauls: [Haul] = []
        for (partition, position) in asked where !partition.hasFailed {
            if response.errorCode != .noError {
                _ = self.accept(response.errorCode, partition)
                continue
            }
            guard let answer = answers[TopicPartition(topic: partition.topic, partition: partition.index)] else {
                continue
            }
            let hint = (leader: answer.currentLeader.leaderId, epoch: answer.currentLeader.leaderEpoch)
            guard partition.position == position, partition.start == nil,
                self.accept(answer.errorCode, partition, hint: hint)
            else { continue }
            if let haul = self.take(answer, of: partition, from: node) { hauls.append(haul) }
        }
        // The brokers work on the next fetches while the handler works on these batches.
        if !self.isClosed { self.drive() }
        self.hand(over: hauls)
    }

    private func take(
        _ answer: FetchResponse.PartitionData, of partition: ConsumerPartition, from node: NodeID
    ) -> Haul? {
        if answer.divergingEpoch.endOffset >= 0 {
            let end = min(answer.divergingEpoch.endOffset, partition.position)
            self.notice(.truncated(from: partition.position, to: end), partition)
            partition.position = end
            partition.lastEpoch = answer.divergingEpoch.epoch
            return nil
        }
        if answer.preferredReadReplica >= 0 {
            partition.preferred = (answer.preferredReadReplica, self.loop.now + Self.preferredMax)
        }
        let from = partition.position
        var haul = Haul(
            partition: partition, node: node, batches: [], from: from, highWatermark: answer.highWatermark)
        guard case .bytes(let bytes) = answer.records else { return haul }
        var filter =
            self.configuration.readsCommitted
            ? AbortedTransactionFilter(
                (answer.abortedTransactions ?? []).map { .init(producerID: $0.producerId, firstOffset: $0.firstOffset) }
            )
            : nil
        var scanner = LogEntryScanner(bytes)
        do throws(RecordError) {
            while let entry = try scanner.next() {
                guard case .batch(let batch) = entry else {
                    throw RecordError(.corruptBatch, "records of a format before 2")
                }
                guard !self.configuration.checksCRCs || batch.hasValidChecksum else {
                    throw RecordError(.corruptBatch, "the checksum of the batch at \(batch.header.baseOffset) is wrong")
                }
                let isWanted = try self.isWanted(batch, &filter)
                if batch.header.lastOffset >= from, isWanted { haul.batches.append(batch) }
                partition.position = max(partition.position, batch.header.nextOffset)
                partition.lastEpoch = batch.header.leaderEpoch
            }
        } catch {
            haul.failure = ClientError(
                .malformed, "\(partition.topic)-\(partition.index) at \(partition.position): \(error)")
        }
        return haul
    }

    private func isWanted(
        _ batch: RecordBatchView, _ filter: inout AbortedTransactionFilter?
    ) throws(RecordError) -> Bool {
        guard filter != nil else { return !batch.header.isControl }
        var control: ControlRecordType?
        if batch.header.isControl {
            var records = try RecordIterator(batch, scratch: self.scratch)
            control = try records.next()?.key.flatMap { ControlRecordType(key: $0) }
        }
        return filter?.accepts(batch.header, control: control) ?? true
    }

    private func hand(over hauls: [Haul]) {
        for haul in hauls {
            let partition = haul.partition
            for batch in haul.batches where !partition.hasFailed {
                self.handler?.received(
                    FetchedBatch(
                        topic: partition.topic, partition: partition.index, node: haul.node, batch: batch,
                        firstOffset: haul.from, highWatermark: haul.highWatermark))
            }
            guard !partition.hasFailed else { continue }
            if let failure = haul.failure {
                self.fail(partition, failure)
            } else if partition.position >= haul.highWatermark, partition.reportedEnd != partition.position {
                partition.reportedEnd = partition.position
                self.notice(.reachedEnd(partition.position), partition)
            }
        }
    }
}
