import ApusCore
import ClusterMetadata
package import KafkaProtocol
package import KafkaStoredMessages
package import StateMachine

extension Controller {
    /// CreatePartitions, key 37, versions 0-3: adds partitions to topics.
    package mutating func createPartitions(
        _ request: CreatePartitionsRequest, context: ControllerContext
    ) -> CommandResult<MetadataRecord, CreatePartitionsResponse> {
        var response = CreatePartitionsResponse()
        var draft = self.draft(at: context.appendOffset)
        let names = request.topics.map(\.name)
        let repeated = Set(Dictionary(grouping: names) { $0 }.filter { $0.value.count > 1 }.keys)
        for name in repeated.sorted() {
            response.results.append(
                Self.partitionsResult(name, ControllerError(.invalidRequest, "Duplicate topic name.")))
        }
        for topic in request.topics where !repeated.contains(topic.name) {
            do throws(ControllerError) {
                try self.addPartitions(topic, to: &draft)
                response.results.append(Self.partitionsResult(topic.name, nil))
            } catch {
                response.results.append(Self.partitionsResult(topic.name, error))
            }
        }
        if request.validateOnly { return CommandResult(records: [], response: response) }
        return self.finish(draft, response, now: context.now)
    }

    private static func partitionsResult(
        _ name: String, _ error: ControllerError?
    ) -> CreatePartitionsResponse.CreatePartitionsTopicResult {
        var result = CreatePartitionsResponse.CreatePartitionsTopicResult()
        result.name = name
        result.errorCode = error?.code ?? .noError
        result.errorMessage = error?.message
        return result
    }

    private mutating func addPartitions(
        _ request: CreatePartitionsRequest.CreatePartitionsTopic, to draft: inout RecordDraft
    ) throws(ControllerError) {
        guard let topic = draft.image.topic(named: request.name) else {
            throw ControllerError(.unknownTopicOrPartition)
        }
        let present = topic.partitions.count
        guard Int(request.count) != present else {
            throw ControllerError(.invalidPartitions, "Topic already has \(present) partition(s).")
        }
        guard Int(request.count) > present else {
            throw ControllerError(
                .invalidPartitions,
                "The topic \(request.name) currently has \(present) partition(s); \(request.count) would not be an "
                    + "increase.")
        }
        let additional = Int(request.count) - present
        if let assignments = request.assignments, assignments.count != additional {
            throw ControllerError(
                .invalidReplicaAssignment,
                "Attempted to add \(additional) additional partition(s), but only \(assignments.count) assignment(s) "
                    + "were specified.")
        }
        guard draft.records.count + additional <= RecordDraft.userRecordsMax else {
            throw ControllerError(.policyViolation, "Unable to perform excessively large batch operation.")
        }
        let factor = topic.partitions.first?.replicas.count ?? 0
        let preference = draft.image.leaderPreference(ofTopic: topic.name)
        let states: [PartitionState]
        if let assignments = request.assignments {
            var assigned: [PartitionState] = []
            for (index, assignment) in assignments.enumerated() {
                try Self.checkAssignment(assignment.brokerIds, replicationFactor: factor, in: draft.image)
                let state = Self.newPartition(
                    replicas: assignment.brokerIds, preference: preference, in: draft.image)
                guard state.hasLeader else { throw Self.allFenced(Int32(present + index)) }
                assigned.append(state)
            }
            states = assigned
        } else {
            states = try self.placedPartitions(
                count: additional, replicationFactor: factor, preference: preference, present: topic.partitions,
                in: draft.image)
        }
        for (index, state) in states.enumerated() {
            let partition = PartitionIndex(Int32(present + index))
            draft.append(.partition(state.record(topic: topic.id, partition: partition)))
        }
    }
}
