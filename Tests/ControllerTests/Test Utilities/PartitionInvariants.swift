import ApusCore
import ClusterMetadata
import KafkaStoredMessages

/// What must hold of every image, and between an image and the next.
enum PartitionInvariants {
    /// The first thing that is wrong with an image; nil where all is well.
    static func violation(in image: MetadataImage) -> String? {
        for id in image.topics.sortedKeys() {
            guard let topic = image.topic(id: id) else { return "topic \(id) is listed and missing" }
            if image.topicIDs[topic.name] != id { return "topic \(topic.name) has another id by name" }
            for (index, state) in zip(topic.partitionIndexes, topic.partitions) {
                if let problem = Self.violation(in: state, image) {
                    return "\(topic.name)-\(index): \(problem): \(state)"
                }
            }
        }
        return nil
    }

    private static func violation(in state: PartitionState, _ image: MetadataImage) -> String? {
        let replicas = Set(state.replicas)
        if replicas.count != state.replicas.count { return "a replica twice" }
        if Set(state.isr).count != state.isr.count { return "an ISR member twice" }
        if !replicas.isSuperset(of: state.isr) { return "the ISR has more than replicas" }
        if !replicas.isSuperset(of: state.eligibleLeaders) { return "the ELR has more than replicas" }
        if !Set(state.isr).isDisjoint(with: state.eligibleLeaders) { return "ISR and ELR overlap" }
        if state.hasLeader, !state.isr.contains(state.leader) { return "the leader is not in the ISR" }
        if let inactive = state.isr.first(where: { !image.isActive($0) }) { return "\(inactive) is in the ISR" }
        if state.directories.count != state.replicas.count { return "directories and replicas differ in number" }
        if state.isr.isEmpty, state.eligibleLeaders.isEmpty, state.lastKnownEligibleLeaders.isEmpty {
            return "nothing is left to elect from"
        }
        if !state.hasLeader, state.isr.contains(where: { Self.canLead($0, state, image) }) {
            return "an ISR member could lead"
        }
        if !replicas.isSuperset(of: state.addingReplicas) { return "an adding replica is no replica" }
        if !replicas.isSuperset(of: state.removingReplicas) { return "a removing replica is no replica" }
        return nil
    }

    private static func canLead(_ broker: NodeID, _ state: PartitionState, _ image: MetadataImage) -> Bool {
        guard let registration = image.brokers[broker], registration.isActive else { return false }
        return registration.hasOnlineDirectory(state.directory(of: broker) ?? DirectoryID.lost)
    }

    /// What is wrong with the step between two images; nil where all is well.
    ///
    /// - Parameters:
    ///   - crashed: brokers that registered after an unclean shutdown in this step.
    ///   - admitted: brokers that a leader asked to be in the ISR in this step.
    static func violation(
        from old: MetadataImage, to new: MetadataImage, records: [MetadataRecord], crashed: Set<NodeID>,
        admitted: Set<NodeID>, minInsyncReplicas: (TopicImage) -> Int
    ) -> String? {
        let clearsELR = records.contains { if case .config = $0 { true } else { false } }
        for id in new.topics.sortedKeys() {
            guard let topic = new.topic(id: id), let before = old.topic(id: id) else { continue }
            for (index, state) in zip(topic.partitionIndexes, topic.partitions) {
                guard let previous = before[index], previous != state else { continue }
                let name = "\(topic.name)-\(index): \(previous) -> \(state)"
                if state.partitionEpoch <= previous.partitionEpoch {
                    return "the partition epoch did not grow: \(name)"
                }
                if state.leaderEpoch < previous.leaderEpoch { return "the leader epoch went back: \(name)" }
                if state.leader != previous.leader, state.leaderEpoch == previous.leaderEpoch {
                    return "a new leader without a new epoch: \(name)"
                }
                let isUnclean = state.leaderRecoveryState == .recovering && previous.leaderRecoveryState == .recovered
                let wasClean =
                    previous.isr.contains(state.leader) || previous.eligibleLeaders.contains(state.leader)
                    || admitted.contains(state.leader)
                if state.hasLeader, state.leader != previous.leader, !wasClean, state.leaderRecoveryState == .recovered
                {
                    return "an unclean leader that does not recover: \(name)"
                }
                guard !isUnclean, !clearsELR, state.leaderRecoveryState == .recovered else { continue }
                guard state.isr.count < minInsyncReplicas(topic) else { continue }
                let known = Set(previous.isr).union(previous.eligibleLeaders)
                let lost = known.subtracting(state.isr).subtracting(state.eligibleLeaders).subtracting(crashed)
                    .filter { state.replicas.contains($0) }
                if !lost.isEmpty { return "the ELR forgot \(lost.sorted()): \(name)" }
            }
        }
        return nil
    }
}
