import ApusCore
import KafkaProtocol
package import Raft

/// Requests to be sent.
extension QuorumTranslator {
    /// The request as the wire has it; fields that a version does not carry are dropped when it is encoded.
    package func wire(_ request: RaftRequest) -> QuorumRequest {
        switch request {
        case .vote(let request): .vote(self.wire(request))
        case .beginQuorumEpoch(let request): .beginQuorumEpoch(self.wire(request))
        case .endQuorumEpoch(let request): .endQuorumEpoch(self.wire(request))
        case .fetch(let request): .fetch(self.wire(request))
        case .fetchSnapshot(let request): .fetchSnapshot(self.wire(request))
        }
    }

    private func wire(_ request: RaftRequest.Vote) -> VoteRequest {
        var partition = VoteRequest.PartitionData()
        partition.replicaEpoch = request.epoch
        partition.replicaId = request.candidate.id
        partition.replicaDirectoryId = request.candidate.directoryID
        partition.voterDirectoryId = request.voter?.directoryID ?? .zero
        partition.lastOffsetEpoch = request.logEnd.epoch
        partition.lastOffset = request.logEnd.offset
        partition.preVote = request.isPreVote
        var topic = VoteRequest.TopicData()
        topic.topicName = Self.topicName
        topic.partitions = [partition]
        var wire = VoteRequest()
        wire.clusterId = self.clusterID
        wire.voterId = request.voter?.id ?? .none
        wire.topics = [topic]
        return wire
    }

    private func wire(_ request: RaftRequest.BeginQuorumEpoch) -> BeginQuorumEpochRequest {
        var partition = BeginQuorumEpochRequest.PartitionData()
        partition.voterDirectoryId = request.voter?.directoryID ?? .zero
        partition.leaderId = request.leaderID
        partition.leaderEpoch = request.epoch
        var topic = BeginQuorumEpochRequest.TopicData()
        topic.topicName = Self.topicName
        topic.partitions = [partition]
        var wire = BeginQuorumEpochRequest()
        wire.clusterId = self.clusterID
        wire.voterId = request.voter?.id ?? .none
        wire.topics = [topic]
        if let endpoint = self.endpoints[self.localID] {
            var leader = BeginQuorumEpochRequest.LeaderEndpoint()
            leader.name = endpoint.listenerName
            leader.host = endpoint.host
            leader.port = endpoint.port
            wire.leaderEndpoints = [leader]
        }
        return wire
    }

    private func wire(_ request: RaftRequest.EndQuorumEpoch) -> EndQuorumEpochRequest {
        var partition = EndQuorumEpochRequest.PartitionData()
        partition.leaderId = request.leaderID
        partition.leaderEpoch = request.epoch
        partition.preferredSuccessors = request.preferredCandidates.map(\.id)
        partition.preferredCandidates = request.preferredCandidates.map { replica in
            var candidate = EndQuorumEpochRequest.ReplicaInfo()
            candidate.candidateId = replica.id
            candidate.candidateDirectoryId = replica.directoryID
            return candidate
        }
        var topic = EndQuorumEpochRequest.TopicData()
        topic.topicName = Self.topicName
        topic.partitions = [partition]
        var wire = EndQuorumEpochRequest()
        wire.clusterId = self.clusterID
        wire.topics = [topic]
        if let endpoint = self.endpoints[self.localID] {
            var leader = EndQuorumEpochRequest.LeaderEndpoint()
            leader.name = endpoint.listenerName
            leader.host = endpoint.host
            leader.port = endpoint.port
            wire.leaderEndpoints = [leader]
        }
        return wire
    }

    private func wire(_ request: RaftRequest.Fetch) -> FetchRequest {
        var partition = FetchRequest.FetchPartition()
        partition.currentLeaderEpoch = request.epoch
        partition.fetchOffset = request.position.offset
        partition.lastFetchedEpoch = request.position.epoch
        partition.partitionMaxBytes = Int32(Self.bytesMax)
        partition.replicaDirectoryId = request.replica.directoryID
        partition.highWatermark = request.highWatermark
        var topic = FetchRequest.FetchTopic()
        topic.topic = Self.topicName
        topic.topicId = TopicID(.clusterMetadata)
        topic.partitions = [partition]
        var wire = FetchRequest()
        wire.clusterId = self.clusterID
        // One of the two, as the version has it.
        wire.replicaId = request.replica.id
        wire.replicaState.replicaId = request.replica.id
        wire.maxWaitMs = Int32(clamping: request.maxWait.milliseconds)
        wire.maxBytes = Int32(Self.bytesMax)
        wire.topics = [topic]
        return wire
    }

    private func wire(_ request: RaftRequest.FetchSnapshot) -> FetchSnapshotRequest {
        var partition = FetchSnapshotRequest.PartitionSnapshot()
        partition.currentLeaderEpoch = request.epoch
        partition.snapshotId.endOffset = request.snapshotID.offset
        partition.snapshotId.epoch = request.snapshotID.epoch
        partition.position = request.position
        partition.replicaDirectoryId = request.replica.directoryID
        var topic = FetchSnapshotRequest.TopicSnapshot()
        topic.name = Self.topicName
        topic.partitions = [partition]
        var wire = FetchSnapshotRequest()
        wire.clusterId = self.clusterID
        wire.replicaId = request.replica.id
        wire.maxBytes = Int32(Self.bytesMax)
        wire.topics = [topic]
        return wire
    }
}
