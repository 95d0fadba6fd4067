import ApusCore
package import ClusterMetadata
package import KafkaProtocol
package import KafkaStoredMessages
package import StateMachine

extension Controller {
    /// AlterPartitionReassignments, key 45, versions 0-1: moves partitions to other replicas, or calls a move off.
    ///
    /// A move (KIP-455) adds the new replicas, waits until the leader has brought them into the ISR (AlterPartition),
    /// and then takes the others away. Version 1 can forbid that the number of replicas changes.
    package mutating func alterPartitionReassignments(
        _ request: AlterPartitionReassignmentsRequest, context: ControllerContext
    ) -> CommandResult<MetadataRecord, AlterPartitionReassignmentsResponse> {
        var response = AlterPartitionReassignmentsResponse()
        response.errorMessage = nil
        response.allowReplicationFactorChange = request.allowReplicationFactorChange
        let count = request.topics.reduce(0) { $0 + $1.partitions.count }
        guard count <= RecordDraft.userRecordsMax else {
            response.errorCode = .policyViolation
            response.errorMessage = "Unable to perform excessively large batch operation."
            return CommandResult(records: [], response: response)
        }
        var draft = self.draft(at: context.appendOffset)
        for topic in request.topics {
            var topicAnswer = AlterPartitionReassignmentsResponse.ReassignableTopicResponse()
            topicAnswer.name = topic.name
            for partition in topic.partitions {
                var answer = AlterPartitionReassignmentsResponse.ReassignablePartitionResponse()
                answer.partitionIndex = partition.partitionIndex
                answer.errorMessage = nil
                do throws(ControllerError) {
                    try self.reassign(
                        partition, of: topic.name, in: &draft,
                        mayChangeReplicationFactor: request.allowReplicationFactorChange)
                } catch {
                    answer.errorCode = error.code
                    answer.errorMessage = error.message
                }
                topicAnswer.partitions.append(answer)
            }
            response.responses.append(topicAnswer)
        }
        return self.finish(draft, response, now: context.now)
    }

    private func reassign(
        _ request: AlterPartitionReassignmentsRequest.ReassignablePartition, of name: String,
        in draft: inout RecordDraft, mayChangeReplicationFactor: Bool
    ) throws(ControllerError) {
        guard let topic = draft.image.topic(named: name) else {
            throw ControllerError(.unknownTopicOrPartition, "Unable to find a topic named \(name).")
        }
        let partition = TopicIDPartition(topicID: topic.id, partition: request.partitionIndex)
        guard var change = draft.change(of: partition, eligibility: draft.eligibility, policy: self.policy) else {
            throw ControllerError(
                .unknownTopicOrPartition, "Unable to find partition \(name):\(request.partitionIndex).")
        }
        if let target = request.replicas {
            try Self.checkAssignment(target, replicationFactor: nil, in: draft.image)
            let before = change.before.replicas.count - change.before.addingReplicas.count
            guard mayChangeReplicationFactor || target.count == before else {
                throw ControllerError(
                    .invalidReplicationFactor,
                    "The replication factor is changed from \(before) to \(target.count)")
            }
            Self.move(&change, to: target)
        } else {
            try self.revert(&change, of: name)
        }
        if let record = change.record() { draft.append(.partitionChange(record)) }
    }

    private static func move(_ change: inout PartitionChange, to target: [NodeID]) {
        let before = change.before
        let reassignment = ReassignmentReplicas(from: before.replicas, to: target)
        change.targetReplicas = reassignment.replicas
        change.targetRemoving = reassignment.removing
        // What an earlier move was adding and this one keeps has still to come into the ISR.
        let pending = before.addingReplicas.filter { target.contains($0) }
        change.targetAdding = (reassignment.adding + pending).sorted()
    }

    private func revert(_ change: inout PartitionChange, of topic: String) throws(ControllerError) {
        let before = change.before
        guard before.isReassigning else {
            throw ControllerError(.noReassignmentInProgress, "No partition reassignment is in progress.")
        }
        let replicas = before.replicas.filter { !before.addingReplicas.contains($0) }
        var isr = before.isr.filter { replicas.contains($0) }
        let others = before.eligibleLeaders + before.lastKnownEligibleLeaders
        if isr.isEmpty, !others.contains(where: { replicas.contains($0) }) {
            // Only the added replicas hold what was acknowledged.
            let living = replicas.first { change.eligibility.accepts($0, in: before) }
            guard change.election == .unclean, let living else {
                throw ControllerError(
                    .invalidReplicaAssignment,
                    "Unable to revert partition assignment for \(topic):\(change.partition) because it would require "
                        + "an unclean leader election.")
            }
            isr = [living]
            change.targetRecoveryState = .recovering
        }
        change.targetReplicas = replicas
        change.targetISR = isr
        change.targetRemoving = []
        change.targetAdding = []
    }

    /// ListPartitionReassignments, key 46, version 0: the moves in progress in a committed image.
    package static func listPartitionReassignments(
        _ request: ListPartitionReassignmentsRequest, in image: MetadataImage
    ) -> ListPartitionReassignmentsResponse {
        var response = ListPartitionReassignmentsResponse()
        response.errorMessage = nil
        let wanted = request.topics.map { topics in
            Dictionary(topics.map { ($0.name, Set($0.partitionIndexes)) }, uniquingKeysWith: { $0.union($1) })
        }
        let moving = Dictionary(grouping: image.partitions(where: \.isReassigning), by: \.topicID)
        for id in moving.keys.sorted() {
            guard let topic = image.topic(id: id) else { continue }
            let indexes = moving[id, default: []].map(\.partition)
                .filter { index in wanted.map { $0[topic.name]?.contains(index) ?? false } ?? true }
            guard !indexes.isEmpty else { continue }
            var answer = ListPartitionReassignmentsResponse.OngoingTopicReassignment()
            answer.name = topic.name
            answer.partitions = indexes.compactMap { index in
                topic[index].map { state in
                    var ongoing = ListPartitionReassignmentsResponse.OngoingPartitionReassignment()
                    ongoing.partitionIndex = index
                    ongoing.replicas = state.replicas
                    ongoing.addingReplicas = state.addingReplicas
                    ongoing.removingReplicas = state.removingReplicas
                    return ongoing
                }
            }
            response.topics.append(answer)
        }
        return response
    }
}
