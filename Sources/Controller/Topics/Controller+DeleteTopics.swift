import ApusCore
import ClusterMetadata
package import KafkaProtocol
package import KafkaStoredMessages
package import StateMachine

extension Controller {
    /// DeleteTopics, key 20, versions 0-6: by name, and from version 6 by name or id.
    package mutating func deleteTopics(
        _ request: DeleteTopicsRequest, context: ControllerContext
    ) -> CommandResult<MetadataRecord, DeleteTopicsResponse> {
        var response = DeleteTopicsResponse()
        var draft = self.draft(at: context.appendOffset)
        let targets = self.targets(of: request, version: context.apiVersion)
        let repeatedNames = Self.repeated(targets.compactMap(\.name))
        let repeatedIDs = Self.repeated(targets.map(\.topicId).filter { $0 != .zero })
        for target in targets {
            var result = DeleteTopicsResponse.DeletableTopicResult()
            result.name = target.name
            result.topicId = target.topicId
            do throws(ControllerError) {
                if let name = target.name, repeatedNames.contains(name) {
                    throw ControllerError(.invalidRequest, "Duplicate topic name.")
                }
                if repeatedIDs.contains(target.topicId) {
                    throw ControllerError(.invalidRequest, "Duplicate topic id.")
                }
                let topic = try Self.topic(target, in: draft.image)
                result.name = topic.name
                result.topicId = topic.id
                var record = RemoveTopicRecord()
                record.topicId = topic.id
                draft.append(.removeTopic(record))
            } catch {
                result.errorCode = error.code
                result.errorMessage = error.message
            }
            response.responses.append(result)
        }
        return self.finish(draft, response, now: context.now)
    }

    private static func repeated<Value: Hashable>(_ values: [Value]) -> Set<Value> {
        Set(Dictionary(grouping: values) { $0 }.filter { $0.value.count > 1 }.keys)
    }

    private func targets(
        of request: DeleteTopicsRequest, version: Int16
    ) -> [DeleteTopicsRequest.DeleteTopicState] {
        guard version < 6 else { return request.topics }
        return request.topicNames.map { name in
            var target = DeleteTopicsRequest.DeleteTopicState()
            target.name = name
            return target
        }
    }

    private static func topic(
        _ target: DeleteTopicsRequest.DeleteTopicState, in image: MetadataImage
    ) throws(ControllerError) -> TopicImage {
        if let name = target.name {
            guard target.topicId == .zero else {
                throw ControllerError(.invalidRequest, "You may not specify both topic name and topic id.")
            }
            guard let topic = image.topic(named: name) else {
                throw ControllerError(.unknownTopicOrPartition, "This server does not host this topic-partition.")
            }
            return topic
        }
        guard target.topicId != .zero else {
            throw ControllerError(.invalidRequest, "Neither topic name nor id were specified.")
        }
        guard let topic = image.topic(id: target.topicId) else {
            throw ControllerError(.unknownTopicID, "This server does not host this topic ID.")
        }
        return topic
    }
}
