import ApusCore
import EventLoop
import KafkaPrimitives
import KafkaProtocol
import KafkaRecords
import LogStorage
import Networking
import Replication
import Telemetry

/// Produce, key 0, versions 3-13: appends one batch to each partition.
///
/// 3: one batch of format 2 a partition. 5: log start in the answer. 7: zstd. 8: the records to blame. 10: the current
/// leader. 12: transactions of the second kind. 13: topic ids. Versions 0-2 carry message formats that are not served
/// yet; transactions are not served yet: a transactional batch is refused with INVALID_TXN_STATE.
struct ProduceHandler: Sendable {
    let services: BrokerServices

    static let versions: ClosedRange<Int16> = 3...13

    typealias Outcome = ProduceResponse.PartitionProduceResponse

    func handle(_ request: Request) throws {
        let message = try request.decode(ProduceRequest.self)
        let loop = self.services.loops.servingLoop(of: request.connection.loop)
        let call = ProduceCall(
            services: self.services, loop: loop, version: request.apiVersion, acks: message.acks,
            timeout: .milliseconds(Int64(max(0, message.timeoutMs))),
            isTransactional: message.transactionalId != nil)
        let produce = WaitingProduce(
            request, services: self.services, loop: loop, response: Self.places(for: message))
        for (topicIndex, topic) in message.topicData.enumerated() {
            for (partitionIndex, partition) in topic.partitionData.enumerated() {
                let place = WaitingProduce.Place(topic: topicIndex, partition: partitionIndex)
                call.append(partition, of: topic, for: produce, at: place)
            }
        }
        produce.filled(deadline: call.deadline, acks: message.acks)
    }

    /// A response with a place for every partition of the request.
    private static func places(for message: ProduceRequest) -> ProduceResponse {
        var response = ProduceResponse()
        response.responses = message.topicData.map { topic in
            var answer = ProduceResponse.TopicProduceResponse()
            answer.name = topic.name
            answer.topicId = topic.topicId
            answer.partitionResponses = topic.partitionData.map { partition in
                var outcome = Outcome()
                outcome.index = partition.index
                outcome.baseOffset = .unknown
                return outcome
            }
            return answer
        }
        return response
    }
}

/// One produce request while its partitions are appended to.
struct ProduceCall {
    let services: BrokerServices
    let loop: ServingLoop
    let version: Int16
    let acks: Int16
    let timeout: Interval
    let isTransactional: Bool

    var deadline: Instant { self.loop.loop.now + self.timeout }

    /// Checks and appends the batch of one partition, and tells `produce` how it went.
    func append(
        _ data: ProduceRequest.PartitionProduceData, of topic: ProduceRequest.TopicProduceData,
        for produce: WaitingProduce, at place: WaitingProduce.Place
    ) {
        var outcome = ProduceResponse.PartitionProduceResponse()
        outcome.index = data.index
        outcome.baseOffset = .unknown
        let lookup =
            self.version >= 13
            ? self.services.replica(TopicIDPartition(topicID: topic.topicId, partition: data.index))
            : self.services.replica(TopicPartition(topic: topic.name, partition: data.index))
        guard case .here(let partition) = lookup else {
            if case .missing(let error) = lookup { outcome.errorCode = error }
            produce.refused(place, outcome)
            return
        }
        do throws(RecordError) {
            let time = self.services.clock.wall
            let batch = try self.checked(data.records, validator: partition.validator, time: time)
            guard !batch.header.isTransactional, !self.isTransactional else {
                outcome.errorCode = .invalidTxnState
                outcome.errorMessage = "transactions are not served yet"
                produce.refused(place, outcome)
                return
            }
            self.append(batch, to: partition, for: produce, at: place, outcome)
        } catch {
            outcome.errorCode = error.code.errorCode
            outcome.errorMessage = error.message
            outcome.recordErrors = error.rejections.map { rejection in
                var record = ProduceResponse.BatchIndexAndErrorMessage()
                record.batchIndex = rejection.index
                record.batchIndexErrorMessage = rejection.message
                return record
            }
            produce.refused(place, outcome)
        }
    }

    /// The batch that a client sent, judged by the topic's rules and ready to be appended.
    private func checked(
        _ records: RecordsPayload, validator: BatchValidator, time: Timestamp
    ) throws(RecordError) -> LeaderBatch {
        guard case .bytes(let bytes) = records else {
            throw RecordError(.invalidRecord, "the request carries no records for the partition")
        }
        let scratch = self.loop.confined.scratch
        let validated: ValidatedBatch
        switch try validator.validate(produced: bytes, version: self.version, now: time, scratch: scratch) {
        case .append(let batch): validated = batch
        case .rewrite(let rewrite): validated = try rewrite.run(scratch: scratch)
        }
        let header = validated.patch(baseOffset: 0, leaderEpoch: 0).header(for: validated.batch)
        return LeaderBatch(header: header, records: validated.batch.records)
    }

    private func append(
        _ batch: LeaderBatch, to partition: Partition, for produce: WaitingProduce, at place: WaitingProduce.Place,
        _ given: ProduceResponse.PartitionProduceResponse
    ) {
        var outcome = given
        let waiter =
            self.acks == -1
            ? AppendWaiter(id: produce.expect(place), deadline: self.deadline) : nil
        let confined = self.loop.confined
        let reply = partition.append(
            batch, requiredAcks: self.acks, waiter: waiter, now: self.loop.loop.now, time: self.services.clock.wall,
            effects: &confined.effects)
        self.services.carryOut(&confined.effects, of: partition)
        if reply.error == .noError {
            let traffic = self.services.traffic
            traffic.producedBatches.increment()
            traffic.producedRecords.increment(by: Int(batch.header.recordCount))
            traffic.producedBytes.increment(by: batch.header.sizeInBytes)
        }
        if reply.mustFlush { self.services.storageWork.flush(partition) }
        if reply.mustPayFlushDebt { self.services.storageWork.payFlushDebt(of: partition, services: self.services) }
        outcome.errorCode = reply.error
        outcome.baseOffset = reply.baseOffset
        outcome.logStartOffset = reply.error == .noError ? reply.logStartOffset : .unknown
        if batch.header.timestampType == .logAppendTime, reply.error == .noError {
            outcome.logAppendTimeMs = batch.header.maxTimestamp.rawValue
        }
        if reply.error == .notLeaderOrFollower {
            outcome.currentLeader.leaderId = reply.leader
            outcome.currentLeader.leaderEpoch = reply.leaderEpoch
        }
        var waiting = waiter?.id
        if self.acks == 1, let end = reply.unflushedEnd {
            let waiter = AppendWaiter(id: produce.expect(place), deadline: self.deadline)
            partition.awaitFlush(waiter, requiredOffset: end, effects: &confined.effects)
            self.services.carryOut(&confined.effects, of: partition)
            waiting = waiter.id
        }
        produce.appended(place, waiter: waiting, outcome, to: partition)
    }
}
