import ApusCore
import ClusterMetadata
package import KafkaProtocol
package import KafkaStoredMessages
package import StateMachine

extension Controller {
    /// AssignReplicasToDirs, key 73, version 0: a broker says in which log directories its replicas are (KIP-858).
    ///
    /// A replica in a directory that is not online leaves the ISR and leads nothing.
    package mutating func assignReplicasToDirectories(
        _ request: AssignReplicasToDirsRequest, context: ControllerContext
    ) -> CommandResult<MetadataRecord, AssignReplicasToDirsResponse> {
        var response = AssignReplicasToDirsResponse()
        let registration: BrokerRegistration
        do throws(ControllerError) {
            registration = try self.checkBrokerEpoch(request.brokerId, request.brokerEpoch)
        } catch {
            response.errorCode = error.code
            return CommandResult(records: [], response: response)
        }
        guard (self.image.metadataVersion ?? .oldest) >= .directoryAssignment else {
            response.errorCode = .unsupportedVersion
            return CommandResult(records: [], response: response)
        }
        var draft = self.draft(at: context.appendOffset)
        var offline: [TopicIDPartition] = []
        for directory in request.directories {
            var answer = AssignReplicasToDirsResponse.DirectoryData()
            answer.id = directory.id
            for topic in directory.topics {
                var topicAnswer = AssignReplicasToDirsResponse.TopicData()
                topicAnswer.topicId = topic.topicId
                for partition in topic.partitions {
                    let target = TopicIDPartition(topicID: topic.topicId, partition: partition.partitionIndex)
                    var partitionAnswer = AssignReplicasToDirsResponse.PartitionData()
                    partitionAnswer.partitionIndex = partition.partitionIndex
                    partitionAnswer.errorCode = self.assign(target, of: request.brokerId, to: directory.id, in: &draft)
                    if partitionAnswer.errorCode == .noError, !registration.hasOnlineDirectory(directory.id) {
                        offline.append(target)
                    }
                    topicAnswer.partitions.append(partitionAnswer)
                }
                answer.topics.append(topicAnswer)
            }
            response.directories.append(answer)
        }
        draft.updateLeadersAndISRs(of: offline, leaving: request.brokerId, policy: self.policy)
        return self.finish(draft, response, now: context.now, isAtomic: false)
    }

    private func assign(
        _ partition: TopicIDPartition, of broker: NodeID, to directory: KafkaUUID, in draft: inout RecordDraft
    ) -> ErrorCode {
        guard draft.image.topic(id: partition.topicID) != nil else { return .unknownTopicID }
        guard var change = draft.change(of: partition, eligibility: draft.eligibility, policy: self.policy) else {
            return .unknownTopicOrPartition
        }
        guard change.before.replicas.contains(broker) else { return .notLeaderOrFollower }
        change.election = .online
        change.targetDirectories = [broker: directory]
        if let record = change.record() { draft.append(.partitionChange(record)) }
        return .noError
    }
}
