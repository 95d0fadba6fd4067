package import ApusCore
package import KafkaStoredMessages

extension TopicImage {
    /// The records that create the topic in this state: its own, then one a partition.
    var records: [MetadataRecord] {
        var record = TopicRecord()
        record.name = self.name
        record.topicId = self.id
        return [.topic(record)]
            + zip(self.partitionIndexes, self.partitions).map { index, state in
                .partition(state.record(topic: self.id, partition: index))
            }
    }
}

extension PartitionState {
    /// The record that creates a partition in this state.
    package func record(topic: TopicID, partition: PartitionIndex) -> PartitionRecord {
        var record = PartitionRecord()
        record.topicId = topic
        record.partitionId = partition
        record.replicas = self.replicas
        record.isr = self.isr
        record.removingReplicas = self.removingReplicas
        record.addingReplicas = self.addingReplicas
        record.leader = self.leader
        record.leaderRecoveryState = self.leaderRecoveryState.rawValue
        record.leaderEpoch = self.leaderEpoch
        record.partitionEpoch = self.partitionEpoch
        record.directories = self.directories
        // As Kafka writes it: null where there is nothing to say.
        record.eligibleLeaderReplicas = self.eligibleLeaders.isEmpty ? nil : self.eligibleLeaders
        record.lastKnownElr = self.lastKnownEligibleLeaders.isEmpty ? nil : self.lastKnownEligibleLeaders
        return record
    }
}
