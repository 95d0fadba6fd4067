package import ApusCore
package import Broker
package import ClusterMetadata

/// What is known of a cluster by having watched it: the metadata and the records that are committed, and what each
/// replica has. Checks compare what they see with it.
package final class ClusterMemory {
    /// All that is committed in the metadata log.
    package internal(set) var metadata = MetadataImage()
    package internal(set) var metadataLog = BatchList()
    /// How far the metadata log was committed in each epoch of the quorum, by what a node of that epoch knew.
    private var metadataEnds: [LeaderEpoch: Offset] = [:]
    /// The committed log of each partition, from its beginning: what some leader has put below its high watermark.
    package internal(set) var committed: [TopicIDPartition: BatchList] = [:]
    /// Partitions that had an unclean election: what was committed there need not stay.
    package internal(set) var mayHaveLost: Set<TopicIDPartition> = []
    /// Whom the controller has named as leader of a partition, by epoch.
    private var leaders: [TopicIDPartition: [LeaderEpoch: NodeID]] = [:]
    /// The highest high watermark of any leader of a partition: its records may not be readable where it is.
    package internal(set) var claimed: [TopicIDPartition: Offset] = [:]
    /// The replicas as they were seen last.
    package internal(set) var replicas: [NodeID: [TopicIDPartition: PartitionFigures]] = [:]
    package internal(set) var quorum: [NodeID: QuorumFigures] = [:]
    /// The registration that was committed last when a node's process began: what is newer is its own.
    var registrationsAtStart: [NodeID: BrokerEpoch] = [:]
    /// What each replica's log holds.
    var logs: [NodeID: [TopicIDPartition: ObservedLog]] = [:]
    var quorumLogs: [NodeID: ObservedLog] = [:]

    package init() {}

    /// A node knew in this epoch of the quorum that the metadata log is committed so far.
    package func noteMetadataCommitted(upTo end: Offset, in epoch: LeaderEpoch) {
        self.metadataEnds[epoch] = max(self.metadataEnds[epoch] ?? 0, end)
    }

    /// The end of what was committed in epochs before this one, all of which its leader has to have. Somebody may be
    /// elected who has not heard that others are in a later epoch already.
    package func metadataEnd(before epoch: LeaderEpoch) -> Offset {
        self.metadataEnds.filter { $0.key < epoch }.values.max() ?? 0
    }

    /// The end of what is committed in a partition.
    package func committedEnd(_ partition: TopicIDPartition) -> Offset { self.committed[partition]?.endOffset ?? 0 }

    /// The controller has named the leader of a partition in an epoch.
    package func noteLeader(of id: TopicIDPartition, _ state: PartitionState) {
        if state.hasLeader { self.leaders[id, default: [:]][state.leaderEpoch] = state.leader }
    }

    /// Takes in how far a leader says that its partition is committed.
    package func claim(_ now: PartitionFigures, of node: NodeID, after was: PartitionFigures?) {
        guard self.hasLed(now, of: node, since: was) else { return }
        self.claimed[now.id] = max(self.claimed[now.id] ?? 0, now.highWatermark)
    }

    /// Whether the replica leads, or did for a part of the event. Publications of metadata are applied one after the
    /// other: one may let it lead and commit more, before the next makes it a follower or its log fails.
    private func hasLed(_ now: PartitionFigures, of node: NodeID, since was: PartitionFigures?) -> Bool {
        if now.role == .leader { return true }
        guard let leaders = self.leaders[now.id], was != nil || now.isLogFailed else { return false }
        let since = was?.leaderEpoch ?? now.leaderEpoch
        return leaders.contains { $0.value == node && since <= $0.key && $0.key <= now.leaderEpoch }
    }

    /// Whether the broker has registered in the present life of its process, so that the committed ISR means this life.
    package func isRegistered(_ broker: NodeID) -> Bool {
        guard let registration = self.metadata.brokers[broker], self.quorum[broker] != nil else { return false }
        return registration.epoch > self.registrationsAtStart[broker] ?? .unknown
    }

    /// The name of a topic that exists, for messages.
    package func name(_ partition: TopicIDPartition) -> String {
        self.metadata.topic(id: partition.topicID).map { "\($0.name)-\(partition.partition)" } ?? "\(partition)"
    }
}
