package import ApusCore

/// One part of an operation, in the order in which the client did them.
package enum ClientStep: Hashable, Sendable {
    case send(SentValue)
    case poll(PolledReads)
}

/// A value given to a partition.
package struct SentValue: Hashable, Sendable {
    package var key: TopicPartition
    package var value: WrittenValue
    /// Where the cluster said that it is; nil where it did not say.
    package var offset: Offset?

    package init(key: TopicPartition, value: WrittenValue, offset: Offset? = nil) {
        self.key = key
        self.value = value
        self.offset = offset
    }
}

/// What one answer brought from a partition, in the order of delivery.
package struct PolledReads: Hashable, Sendable {
    package struct Read: Hashable, Sendable {
        package var offset: Offset
        package var value: WrittenValue

        package init(offset: Offset, value: WrittenValue) {
            self.offset = offset
            self.value = value
        }
    }

    /// Who answered, and as what.
    package struct Server: Hashable, Sendable, Comparable {
        package var node: NodeID
        package var leaderEpoch: LeaderEpoch

        package init(node: NodeID, leaderEpoch: LeaderEpoch) {
            self.node = node
            self.leaderEpoch = leaderEpoch
        }

        package static func < (lhs: Server, rhs: Server) -> Bool {
            (lhs.node, lhs.leaderEpoch) < (rhs.node, rhs.leaderEpoch)
        }
    }

    package var key: TopicPartition
    package var reads: [Read]
    /// The end of what is committed, exclusive, as the answer told it.
    package var highWatermark: Offset?
    package var lastStableOffset: Offset?
    /// Nil where the client does not know; its high watermarks are then not compared with those of other answers.
    package var server: Server?

    package init(
        key: TopicPartition, reads: [Read], highWatermark: Offset? = nil, lastStableOffset: Offset? = nil,
        server: Server? = nil
    ) {
        self.key = key
        self.reads = reads
        self.highWatermark = highWatermark
        self.lastStableOffset = lastStableOffset
        self.server = server
    }
}
