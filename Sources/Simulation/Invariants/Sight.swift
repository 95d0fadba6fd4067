package import ApusCore
package import Broker
package import ClusterMetadata

/// What somebody who watches a cluster sees: only what an event has changed.
package enum Sight {
    /// A node's process began a life.
    case started(NodeID)
    /// It ended: everything in memory is gone, and with power what was not on the disk.
    case ended(NodeID)
    /// The node's disk was replaced by an empty one.
    case emptied(NodeID)
    /// A node's replica of the metadata log changed.
    case quorum(NodeID, was: QuorumFigures?, now: QuorumFigures)
    /// The committed metadata changed this partition. In the order of the metadata log, each change once.
    case partition(TopicIDPartition, PartitionState)
    /// The topic is gone from the committed metadata.
    case deleted(TopicID, name: String)
    /// A replica changed.
    case replica(NodeID, was: PartitionFigures?, now: PartitionFigures)
    /// A node has this replica no longer.
    case removed(NodeID, TopicIDPartition)
    /// More of a partition's log is committed than was known before.
    case committed(TopicIDPartition, from: Offset, to: Offset)
    /// A client got a batch.
    case served(ServedBatch)
    /// A client was told where in a log something is.
    case located(TopicIDPartition, at: Offset)
    /// A client got an answer to a write.
    case acknowledged(Acknowledgement)
}

/// A batch that a client was given.
package struct ServedBatch: Hashable, Sendable {
    package var partition: TopicIDPartition
    package var batch: BatchDigest
    /// As the answer told it.
    package var highWatermark: Offset

    package init(partition: TopicIDPartition, batch: BatchDigest, highWatermark: Offset) {
        self.partition = partition
        self.batch = batch
        self.highWatermark = highWatermark
    }
}

/// A write that a client was told is stored on all replicas in sync.
package struct Acknowledgement: Hashable, Sendable {
    package var partition: TopicIDPartition
    package var baseOffset: Offset
    package var recordCount: Int

    package init(partition: TopicIDPartition, baseOffset: Offset, recordCount: Int) {
        self.partition = partition
        self.baseOffset = baseOffset
        self.recordCount = recordCount
    }
}
