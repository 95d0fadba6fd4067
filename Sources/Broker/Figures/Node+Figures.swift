package import ApusCore
package import ClusterMetadata
package import KafkaPrimitives
package import LogStorage

/// What a node is like inside, for whoever checks what must hold; values only. Between two turns of a node's loops, or
/// where it says so from any thread.
extension Node {
    /// The replicas of this node, in the order of their topics' names; none without the broker role. From any thread.
    package var replicas: [Partition] { self.parts.broker?.services.replicas.all ?? [] }

    /// How often a replica was added or removed since the start. From any thread.
    package var replicaChanges: Int { self.parts.broker?.services.replicas.changes ?? 0 }

    /// The replica of a partition; nil where this node has none. From any thread.
    package func replica(_ id: TopicIDPartition) -> Partition? { self.parts.broker?.services.replicas[id] }

    /// The epoch of this broker's registration; -1 before it is registered. From any thread.
    package var brokerEpoch: BrokerEpoch { self.parts.broker?.services.brokerEpoch ?? .unknown }

    /// The committed metadata that this node answers from. From any thread.
    package var metadata: PublishedMetadata.Snapshot { self.parts.metadata.current }

    /// This node's replica of the metadata log.
    package var quorum: QuorumFigures { self.parts.quorum.figures }

    /// The stored batches of the metadata log, as `Partition.storedBatches` gives them.
    package func storedMetadata(
        from offset: Offset, to endOffset: Offset, bytesMax: Int
    ) throws(LogError) -> ByteSlice {
        try self.parts.quorum.storedBatches(from: offset, to: endOffset, bytesMax: bytesMax)
    }

    /// What the active controller decides from: the committed metadata and what it has appended since. Nil on a node
    /// that is not the active controller.
    package var controllerImage: MetadataImage? { self.parts.follower.controller?.image }
}
