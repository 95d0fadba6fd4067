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

    /// Takes in how far a leader says that its partition is committed.
    ///
    /// Who led before an event and follows after it led for a part of it: one publication of metadata may have let it
    /// commit more, before the next made it a follower.
    package func claim(_ now: PartitionFigures, of node: NodeID, after was: PartitionFigures?) {
        guard was?.role == .leader || now.isOfLeader(node, named: self.metadata.partition(now.id)) else { return }
        self.claimed[now.id] = max(self.claimed[now.id] ?? 0, now.highWatermark)
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
