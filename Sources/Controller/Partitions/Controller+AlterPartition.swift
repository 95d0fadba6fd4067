import ApusCore
import ClusterMetadata
package import KafkaProtocol
package import KafkaStoredMessages
package import StateMachine

extension Controller {
    /// AlterPartition, key 56, versions 0-3: the leader of partitions changes their ISR.
    ///
    /// Versions 0-1 name topics, 2 and later carry ids; version 3 carries the epochs of the brokers in the new ISR,
    /// so that a broker that restarted meanwhile is not let in (KIP-903).
    package mutating func alterPartition(
        _ request: AlterPartitionRequest, context: ControllerContext
    ) -> CommandResult<MetadataRecord, AlterPartitionResponse> {
        var response = AlterPartitionResponse()
        do throws(ControllerError) {
            _ = try self.checkBrokerEpoch(request.brokerId, request.brokerEpoch)
        } catch {
            response.errorCode = error.code
            return CommandResult(records: [], response: response)
        }
        var draft = self.draft(at: context.appendOffset)
        for topic in request.topics {
            var answer = AlterPartitionResponse.TopicData()
            answer.topicName = topic.topicName
            answer.topicId = topic.topicId
            let image =
                context.apiVersion < 2
                ? self.image.topic(named: topic.topicName) : self.image.topic(id: topic.topicId)
            for partition in topic.partitions {
                if let image {
                    answer.partitions.append(
                        Self.alter(
                            partition, of: image, by: request.brokerId, in: &draft, policy: self.policy,
                            version: context.apiVersion))
                } else {
                    var unknown = AlterPartitionResponse.PartitionData()
                    unknown.partitionIndex = partition.partitionIndex
                    unknown.errorCode = context.apiVersion < 2 ? .unknownTopicOrPartition : .unknownTopicID
                    answer.partitions.append(unknown)
                }
            }
            response.topics.append(answer)
        }
        return self.finish(draft, response, now: context.now, isAtomic: false)
    }

    private static func alter(
        _ request: AlterPartitionRequest.PartitionData, of topic: TopicImage, by leader: NodeID,
        in draft: inout RecordDraft, policy: PartitionPolicy, version: Int16
    ) -> AlterPartitionResponse.PartitionData {
        var answer = AlterPartitionResponse.PartitionData()
        answer.partitionIndex = request.partitionIndex
        let partition = TopicIDPartition(topicID: topic.id, partition: request.partitionIndex)
        guard let before = draft.image.partition(partition) else {
            answer.errorCode = .unknownTopicOrPartition
            return answer
        }
        let newISR: [AlterPartitionRequest.BrokerState] =
            version >= 3
            ? request.newIsrWithEpochs
            : request.newIsr.map { member in
                var state = AlterPartitionRequest.BrokerState()
                state.brokerId = member
                return state
            }
        let checked = Self.recoveryState(request, newISR: newISR, before: before, leader: leader, answer: &answer)
        guard let recovery = checked else { return answer }
        if newISR.contains(where: { !Self.isEligible($0, for: before, in: draft.image) }) {
            answer.errorCode = version < 2 ? .operationNotAttempted : .ineligibleReplica
            return answer
        }
        guard var change = draft.change(of: partition, eligibility: draft.eligibility, policy: policy) else {
            answer.errorCode = .unknownTopicOrPartition
            return answer
        }
        change.targetISR = newISR.map(\.brokerId)
        change.targetRecoveryState = recovery
        if let record = change.record() {
            draft.append(.partitionChange(record))
            if record.leader != PartitionState.leaderUnchanged, record.leader != leader {
                // The change completed a reassignment that took the leader's replica away.
                answer.errorCode = version < 2 ? .fencedLeaderEpoch : .newLeaderElected
                return answer
            }
        }
        let after = draft.image.partition(partition) ?? before
        answer.leaderId = after.leader
        answer.leaderEpoch = after.leaderEpoch
        answer.isr = after.isr
        answer.leaderRecoveryState = after.leaderRecoveryState.rawValue
        answer.partitionEpoch = after.partitionEpoch
        return answer
    }

    /// Checks a request against the partition's state; nil where `answer` now carries the error.
    private static func recoveryState(
        _ request: AlterPartitionRequest.PartitionData, newISR: [AlterPartitionRequest.BrokerState],
        before: PartitionState, leader: NodeID, answer: inout AlterPartitionResponse.PartitionData
    ) -> LeaderRecoveryState? {
        func refuse(_ code: ErrorCode) -> LeaderRecoveryState? {
            answer.errorCode = code
            return nil
        }
        // A leader that is ahead of this controller has been told by a newer one.
        if request.leaderEpoch > before.leaderEpoch { return refuse(.notController) }
        if request.partitionEpoch > before.partitionEpoch { return refuse(.notController) }
        if request.leaderEpoch < before.leaderEpoch { return refuse(.fencedLeaderEpoch) }
        if leader != before.leader { return refuse(.invalidRequest) }
        if request.partitionEpoch < before.partitionEpoch { return refuse(.invalidUpdateVersion) }
        let members = newISR.map(\.brokerId)
        guard !members.isEmpty, Set(members).count == members.count,
            members.allSatisfy({ before.replicas.contains($0) }), members.contains(before.leader)
        else { return refuse(.invalidRequest) }
        guard let recovery = LeaderRecoveryState(rawValue: request.leaderRecoveryState) else {
            return refuse(.invalidRequest)
        }
        if recovery == .recovering, members.count > 1 || before.leaderRecoveryState == .recovered {
            return refuse(.invalidRequest)
        }
        return recovery
    }

    /// True where the broker may be in an ISR: it is active, its replica is in a directory that is online, and it is the
    /// same process that the leader fetched with.
    private static func isEligible(
        _ member: AlterPartitionRequest.BrokerState, for partition: PartitionState, in image: MetadataImage
    ) -> Bool {
        guard let registration = image.brokers[member.brokerId], registration.isActive,
            let directory = partition.directory(of: member.brokerId), registration.hasOnlineDirectory(directory)
        else { return false }
        return member.brokerEpoch == .unknown || member.brokerEpoch == registration.epoch
    }
}
