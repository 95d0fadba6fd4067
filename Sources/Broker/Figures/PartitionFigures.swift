package import ApusCore
package import KafkaPrimitives
package import LogStorage
package import Replication

/// A replica of a partition at a moment, for whoever checks what must hold. Taking it copies no record and no list.
package struct PartitionFigures: Equatable, Sendable {
    package enum Role: Equatable, Sendable {
        case offline
        /// `NodeID.none` while the partition has no leader.
        case follower(of: NodeID)
        case leader
    }

    package let id: TopicIDPartition
    package let name: TopicPartition
    package let role: Role
    /// The newest epochs this replica was told of; -1 before the first.
    package let leaderEpoch: LeaderEpoch
    package let partitionEpoch: PartitionEpoch
    package let logStartOffset: Offset
    package let logEndOffset: Offset
    /// Everything below is on the disk.
    package let recoveryPoint: Offset
    /// Everything below is committed, as far as this replica knows.
    package let highWatermark: Offset
    /// The committed ISR, ascending, where this replica leads; else empty.
    package let isr: [NodeID]
    /// What this replica knows of its followers where it leads; else empty.
    package let followers: [RemoteReplica]
    /// Where the leader epochs of its log begin.
    package let epochs: [LeaderEpochCache.Entry]
    /// An operation on the log failed: nothing is known of what is on the disk, and nothing more is taken.
    package let isLogFailed: Bool

    package init(
        id: TopicIDPartition, name: TopicPartition, role: Role, leaderEpoch: LeaderEpoch,
        partitionEpoch: PartitionEpoch, logStartOffset: Offset, logEndOffset: Offset, recoveryPoint: Offset,
        highWatermark: Offset, isr: [NodeID], followers: [RemoteReplica], epochs: [LeaderEpochCache.Entry],
        isLogFailed: Bool
    ) {
        self.id = id
        self.name = name
        self.role = role
        self.leaderEpoch = leaderEpoch
        self.partitionEpoch = partitionEpoch
        self.logStartOffset = logStartOffset
        self.logEndOffset = logEndOffset
        self.recoveryPoint = recoveryPoint
        self.highWatermark = highWatermark
        self.isr = isr
        self.followers = followers
        self.epochs = epochs
        self.isLogFailed = isLogFailed
    }
}

extension Partition {
    /// How the replica is now. From any thread.
    package var figures: PartitionFigures {
        self.withState { state in
            let replica = state.replica
            let leader = replica.leaderRole
            return PartitionFigures(
                id: self.id, name: self.topicPartition, role: PartitionFigures.Role(replica.role),
                leaderEpoch: replica.leaderEpoch, partitionEpoch: replica.partitionEpoch,
                logStartOffset: state.log.logStartOffset, logEndOffset: state.log.logEndOffset,
                recoveryPoint: state.log.recoveryPoint, highWatermark: replica.highWatermark, isr: leader?.isr ?? [],
                followers: leader?.replicas ?? [], epochs: state.log.epochs.entries, isLogFailed: state.log.isFailed)
        }
    }

    /// The stored batches from the one that holds `offset` on and before the one that holds `endOffset`: at least one,
    /// at most about `bytesMax`, possibly cut within the last. Empty where there are none. May wait for the disk.
    package func storedBatches(
        from offset: Offset, to endOffset: Offset, bytesMax: Int
    ) throws(LogError) -> ByteSlice {
        let region = try self.withState { (state) throws(LogError) in
            try state.log.read(from: offset, maxBytes: bytesMax, minOneBatch: true, endOffset: endOffset).region
        }
        guard let region else { return ByteSlice([]) }
        return try region.contents()
    }
}

extension PartitionFigures.Role {
    init(_ role: ReplicaRole) {
        switch role {
        case .offline: self = .offline
        case .follower(let follower): self = .follower(of: follower.leader)
        case .leader: self = .leader
        }
    }
}
