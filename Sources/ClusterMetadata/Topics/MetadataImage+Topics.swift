import ApusCore
import KafkaStoredMessages

extension MetadataImage {
    mutating func apply(_ record: TopicRecord) throws(MetadataError) {
        guard self.topicIDs[record.name] == nil, self.topics[record.topicId] == nil else {
            throw MetadataError(.duplicateTopic, "topic \(record.name) or its id \(record.topicId) exists already")
        }
        self.topics[record.topicId] = TopicImage(name: record.name, id: record.topicId)
        self.topicIDs[record.name] = record.topicId
    }

    mutating func apply(_ record: RemoveTopicRecord) throws(MetadataError) {
        guard let topic = self.topics.removeValue(forKey: record.topicId) else {
            throw MetadataError(.unknownTopic, "there is no topic \(record.topicId) to remove")
        }
        self.topicIDs.removeValue(forKey: topic.name)
        // A topic takes its configuration along: no record of its own says so.
        self.configurations.removeValue(forKey: .topic(topic.name))
    }

    mutating func apply(_ record: PartitionRecord) throws(MetadataError) {
        let state = try PartitionState(record)
        let position = Int(record.partitionId.rawValue)
        let failure = self.topics.modify(record.topicId) { topic -> MetadataError? in
            if topic.partitions.indices.contains(position) {
                topic.partitions[position] = state
            } else if position == topic.partitions.count {
                topic.partitions.append(state)
            } else {
                return MetadataError(
                    .partitionOutOfOrder,
                    "topic \(topic.name) has \(topic.partitions.count) partitions, so \(position) is not the next")
            }
            return nil
        }
        guard let failure else { throw MetadataError(.unknownTopic, "there is no topic \(record.topicId)") }
        if let failure { throw failure }
    }

    mutating func apply(_ record: PartitionChangeRecord) throws(MetadataError) {
        let position = Int(record.partitionId.rawValue)
        // Everything happens in place: a second reference to the topic would copy all its partitions for each record.
        let failure = self.topics.modify(record.topicId) { topic -> MetadataError? in
            guard topic.partitions.indices.contains(position) else {
                return MetadataError(.unknownPartition, "topic \(topic.name) has no partition \(position)")
            }
            do throws(MetadataError) {
                topic.partitions[position] = try topic.partitions[position].applying(record)
                return nil
            } catch {
                return error
            }
        }
        guard let failure else { throw MetadataError(.unknownTopic, "there is no topic \(record.topicId)") }
        if let failure { throw failure }
    }

    mutating func apply(_ record: ClearElrRecord) throws(MetadataError) {
        let cleared: [TopicID]
        if record.topicName.isEmpty {
            cleared = self.topics.sortedKeys()
        } else if let id = self.topicIDs[record.topicName] {
            cleared = [id]
        } else {
            throw MetadataError(.unknownTopic, "there is no topic \(record.topicName)")
        }
        for id in cleared where self.topics[id]?.partitions.contains(where: \.hasEligibleLeaderState) == true {
            _ = self.topics.modify(id) { topic in
                for index in topic.partitions.indices where topic.partitions[index].hasEligibleLeaderState {
                    topic.partitions[index].clearEligibleLeaders()
                }
            }
        }
    }
}
