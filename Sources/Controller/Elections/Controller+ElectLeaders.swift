import ApusCore
import ClusterMetadata
package import KafkaProtocol
package import KafkaStoredMessages
package import StateMachine

extension Controller {
    /// ElectLeaders, key 43, versions 0-2: elects the preferred replica, or any living one where there is no leader.
    ///
    /// Version 0 knows only preferred elections. Without a list all partitions are meant, and those that need no
    /// election are left out of the answer.
    package mutating func electLeaders(
        _ request: ElectLeadersRequest, context: ControllerContext
    ) -> CommandResult<MetadataRecord, ElectLeadersResponse> {
        var response = ElectLeadersResponse()
        guard let election = ElectionKind(rawValue: context.apiVersion == 0 ? 0 : request.electionType) else {
            response.errorCode = .invalidRequest
            return CommandResult(records: [], response: response)
        }
        var draft = self.draft(at: context.appendOffset)
        for topic in self.electionTargets(request) {
            var result = ElectLeadersResponse.ReplicaElectionResult()
            result.topic = topic.topic
            for partition in topic.partitions {
                guard draft.records.count < RecordDraft.userRecordsMax else { break }
                let error = self.elect(election, topic: topic.topic, partition: partition, in: &draft)
                if request.topicPartitions == nil, error?.code == .electionNotNeeded { continue }
                var answer = ElectLeadersResponse.PartitionResult()
                answer.partitionId = partition
                answer.errorCode = error?.code ?? .noError
                answer.errorMessage = error?.message
                result.partitionResult.append(answer)
            }
            response.replicaElectionResults.append(result)
        }
        return self.finish(draft, response, now: context.now, isAtomic: false)
    }

    private enum ElectionKind: Int8 {
        case preferred = 0
        case unclean = 1
    }

    private func electionTargets(_ request: ElectLeadersRequest) -> [ElectLeadersRequest.TopicPartitions] {
        if let requested = request.topicPartitions { return requested }
        return self.image.topics.sortedKeys().compactMap { id in
            guard let topic = self.image.topic(id: id) else { return nil }
            var target = ElectLeadersRequest.TopicPartitions()
            target.topic = topic.name
            target.partitions = Array(topic.partitionIndexes)
            return target
        }
    }

    private func elect(
        _ election: ElectionKind, topic name: String, partition index: PartitionIndex, in draft: inout RecordDraft
    ) -> ControllerError? {
        guard let topic = draft.image.topic(named: name) else {
            return ControllerError(.unknownTopicOrPartition, "No such topic as \(name)")
        }
        guard let state = topic[index] else {
            return ControllerError(.unknownTopicOrPartition, "No such partition as \(name)-\(index)")
        }
        let isNeeded =
            switch election {
            case .preferred: state.leader != draft.image.preferredLeader(of: state, topic: name)
            case .unclean: !state.hasLeader
            }
        guard isNeeded else { return ControllerError(.electionNotNeeded) }
        let partition = TopicIDPartition(topicID: topic.id, partition: index)
        var change = draft.change(of: partition, eligibility: draft.eligibility, policy: self.policy)
        change?.election = election == .unclean ? .unclean : .preferred
        guard let record = change?.record() else {
            return ControllerError(
                election == .preferred ? .preferredLeaderNotAvailable : .eligibleLeadersNotAvailable)
        }
        draft.append(.partitionChange(record))
        return nil
    }
}
