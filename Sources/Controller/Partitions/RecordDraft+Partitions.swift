import ApusCore
import ClusterMetadata
import KafkaStoredMessages

extension RecordDraft {
    /// A change of a partition as it now stands in the draft; nil where there is no such partition.
    func change(
        of partition: TopicIDPartition, eligibility: LeaderEligibility, policy: PartitionPolicy
    ) -> PartitionChange? {
        guard let topic = self.image.topic(id: partition.topicID), let before = topic[partition.partition] else {
            return nil
        }
        var change = PartitionChange(
            topic: partition.topicID, partition: partition.partition, before: before, eligibility: eligibility,
            minInsyncReplicas: policy.minInsyncReplicas(of: topic, in: self.image),
            isELREnabled: self.image.isELREnabled,
            preference: self.image.leaderPreference(ofTopic: topic.name))
        if policy.allowsUncleanElection(of: topic.name, in: self.image) { change.election = .unclean }
        return change
    }

    /// Everyone as registered in the draft.
    var eligibility: LeaderEligibility { LeaderEligibility(brokers: self.image.brokers) }

    /// Takes brokers out of the ISR of partitions and elects where that is needed.
    ///
    /// - Parameters:
    ///   - partitions: the partitions to look at.
    ///   - leaving: a broker that leaves every ISR and may not lead.
    ///   - joining: a broker that may lead although it is still fenced.
    ///   - crashed: a broker that lost what it had not flushed: it leaves ISR and ELR, and may not lead.
    mutating func updateLeadersAndISRs(
        of partitions: [TopicIDPartition], leaving: NodeID? = nil, joining: NodeID? = nil, crashed: NodeID? = nil,
        policy: PartitionPolicy
    ) {
        let gone = [leaving, crashed].compactMap { $0 }
        var eligibility = self.eligibility
        eligibility.excluded = gone
        eligibility.included = joining
        for partition in partitions {
            guard var change = self.change(of: partition, eligibility: eligibility, policy: policy) else { continue }
            if let crashed { change.uncleanShutdownReplicas = [crashed] }
            change.targetISR = change.before.isr.filter { !gone.contains($0) }
            if let record = change.record() { self.append(.partitionChange(record)) }
        }
    }
}

extension MetadataImage {
    /// The partitions whose state matches, ascending by topic id and index.
    func partitions(where matches: (PartitionState) -> Bool) -> [TopicIDPartition] {
        var found: [TopicIDPartition] = []
        self.topics.forEach { id, topic in
            for (index, state) in zip(topic.partitionIndexes, topic.partitions) where matches(state) {
                found.append(TopicIDPartition(topicID: id, partition: index))
            }
        }
        return found.sorted()
    }

    /// True where the broker leads a partition.
    func hasLeaderships(_ broker: NodeID) -> Bool {
        !self.partitions { $0.leader == broker }.isEmpty
    }
}
