import ApusCore
import ClusterMetadata
import KafkaStoredMessages

extension Controller {
    /// Gives leadership back to preferred replicas, of each broker that leads too few of the partitions it should, and
    /// of every topic that names the zones that should lead it.
    ///
    /// - Returns: false where more are left than one tick elects.
    func balanceLeaders(_ draft: inout RecordDraft) -> Bool {
        var preferredCounts: [NodeID: Int] = [:]
        var displaced: [NodeID: [TopicIDPartition]] = [:]
        var pinned: [TopicIDPartition] = []
        self.image.topics.forEach { id, topic in
            let preference = self.image.leaderPreference(ofTopic: topic.name)
            for (index, state) in zip(topic.partitionIndexes, topic.partitions) {
                let preferred = preference.preferredLeader(of: state.replicas, brokers: self.image.brokers)
                preferredCounts[preferred, default: 0] += 1
                guard state.leader != preferred else { continue }
                let partition = TopicIDPartition(topicID: id, partition: index)
                if self.isMisplaced(state, preference) {
                    pinned.append(partition)
                } else {
                    displaced[preferred, default: []].append(partition)
                }
            }
        }
        guard self.elect(pinned.sorted(), &draft) else { return false }
        for broker in displaced.keys.sorted() {
            let partitions = displaced[broker, default: []].sorted()
            let tolerated = preferredCounts[broker, default: 0] * self.configuration.leaderImbalancePercentage
            guard partitions.count * 100 > tolerated else { continue }
            guard self.elect(partitions, &draft) else { return false }
        }
        return true
    }

    /// Moves leaders out of drained zones and, where leaders may be moved without being asked, into the zones that
    /// their topics name.
    ///
    /// - Returns: false where more are left than one tick elects.
    func relocateLeaders(_ draft: inout RecordDraft) -> Bool {
        let drainedZones = self.image.drainedZones
        let mayBalance = self.configuration.isLeaderBalancingEnabled
        var partitions: [TopicIDPartition] = []
        self.image.topics.forEach { id, topic in
            let preference = self.image.leaderPreference(ofTopic: topic.name)
            guard !preference.isNeutral else { return }
            for (index, state) in zip(topic.partitionIndexes, topic.partitions) where state.hasLeader {
                let isInDrainedZone = self.image.brokers[state.leader]?.rack.map { drainedZones.contains($0) } ?? false
                guard isInDrainedZone || mayBalance, self.isMisplaced(state, preference) else { continue }
                partitions.append(TopicIDPartition(topicID: id, partition: index))
            }
        }
        return self.elect(partitions.sorted(), &draft)
    }

    /// True where a replica of a better rank than the leader's could lead.
    private func isMisplaced(_ state: PartitionState, _ preference: LeaderPreference) -> Bool {
        guard !preference.isNeutral, state.hasLeader else { return false }
        let rank = preference.rank(of: state.leader, in: self.image.brokers)
        return state.isr.contains {
            preference.rank(of: $0, in: self.image.brokers) < rank && self.image.isActive($0)
        }
    }

    /// Holds preferred elections.
    ///
    /// - Returns: false where more are left than one tick elects.
    private func elect(_ partitions: [TopicIDPartition], _ draft: inout RecordDraft) -> Bool {
        for partition in partitions {
            guard draft.records.count < Self.electionsMax else { return false }
            guard var change = draft.change(of: partition, eligibility: draft.eligibility, policy: self.policy)
            else { continue }
            change.election = .preferred
            if let record = change.record() { draft.append(.partitionChange(record)) }
        }
        return true
    }
}
