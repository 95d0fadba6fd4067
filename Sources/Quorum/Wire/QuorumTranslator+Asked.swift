import ApusCore
import KafkaProtocol
import Raft

/// Requests that were received.
extension QuorumTranslator {
    /// What a request asks, if it is one for this quorum.
    package func raft(_ request: QuorumRequest) -> Incoming {
        switch request {
        case .vote(let request): self.raft(request)
        case .beginQuorumEpoch(let request): self.raft(request)
        case .endQuorumEpoch(let request): self.raft(request)
        case .fetch(let request): self.raft(request)
        case .fetchSnapshot(let request): self.raft(request)
        }
    }

    /// The error of a request that is not for this quorum.
    private func refusal(clusterID: String?, isForMetadata: Bool) -> ErrorCode {
        self.isOfOtherCluster(clusterID) ? .inconsistentClusterID : isForMetadata ? .noError : .invalidRequest
    }

    /// The voter a request names; nil where its version cannot, or it names none.
    private static func voter(_ id: NodeID, _ directoryID: KafkaUUID) -> ReplicaKey? {
        id < 0 ? nil : ReplicaKey(id: id, directoryID: directoryID)
    }

    private func raft(_ wire: VoteRequest) -> Incoming {
        let topic = wire.topics.first
        let isForMetadata =
            wire.topics.count == 1 && topic?.topicName == Self.topicName && topic?.partitions.count == 1
        let error = self.refusal(clusterID: wire.clusterId, isForMetadata: isForMetadata)
        guard error == .noError, let partition = topic?.partitions.first, partition.partitionIndex == 0 else {
            var response = VoteResponse()
            response.errorCode = error == .noError ? .invalidRequest : error
            return .refused(.vote(response))
        }
        let request = RaftRequest.Vote(
            epoch: partition.replicaEpoch,
            candidate: ReplicaKey(id: partition.replicaId, directoryID: partition.replicaDirectoryId),
            voter: Self.voter(wire.voterId, partition.voterDirectoryId),
            logEnd: OffsetAndEpoch(offset: partition.lastOffset, epoch: partition.lastOffsetEpoch),
            isPreVote: partition.preVote)
        return .request(.vote(request), .vote)
    }

    private func raft(_ wire: BeginQuorumEpochRequest) -> Incoming {
        let topic = wire.topics.first
        let isForMetadata =
            wire.topics.count == 1 && topic?.topicName == Self.topicName && topic?.partitions.count == 1
        let error = self.refusal(clusterID: wire.clusterId, isForMetadata: isForMetadata)
        guard error == .noError, let partition = topic?.partitions.first, partition.partitionIndex == 0 else {
            var response = BeginQuorumEpochResponse()
            response.errorCode = error == .noError ? .invalidRequest : error
            return .refused(.beginQuorumEpoch(response))
        }
        let request = RaftRequest.BeginQuorumEpoch(
            epoch: partition.leaderEpoch, leaderID: partition.leaderId,
            voter: Self.voter(wire.voterId, partition.voterDirectoryId))
        return .request(.beginQuorumEpoch(request), .beginQuorumEpoch)
    }

    private func raft(_ wire: EndQuorumEpochRequest) -> Incoming {
        let topic = wire.topics.first
        let isForMetadata =
            wire.topics.count == 1 && topic?.topicName == Self.topicName && topic?.partitions.count == 1
        let error = self.refusal(clusterID: wire.clusterId, isForMetadata: isForMetadata)
        guard error == .noError, let partition = topic?.partitions.first, partition.partitionIndex == 0 else {
            var response = EndQuorumEpochResponse()
            response.errorCode = error == .noError ? .invalidRequest : error
            return .refused(.endQuorumEpoch(response))
        }
        // Version 0 has the ids alone.
        let candidates =
            partition.preferredCandidates.isEmpty
            ? partition.preferredSuccessors.map { ReplicaKey(id: $0) }
            : partition.preferredCandidates.map {
                ReplicaKey(id: $0.candidateId, directoryID: $0.candidateDirectoryId)
            }
        let request = RaftRequest.EndQuorumEpoch(
            epoch: partition.leaderEpoch, leaderID: partition.leaderId, preferredCandidates: candidates)
        return .request(.endQuorumEpoch(request), .endQuorumEpoch)
    }

    private func raft(_ wire: FetchRequest) -> Incoming {
        let topic = wire.topics.first
        let isNamed = topic?.topic == Self.topicName || topic?.topicId == TopicID(.clusterMetadata)
        let isForMetadata = wire.topics.count == 1 && isNamed && topic?.partitions.count == 1
        let error = self.refusal(clusterID: wire.clusterId, isForMetadata: isForMetadata)
        guard error == .noError, let partition = topic?.partitions.first, partition.partition == 0 else {
            var response = FetchResponse()
            response.errorCode = error == .noError ? .invalidRequest : error
            return .refused(.fetch(response))
        }
        // From version 15 on the id is in the replica's state.
        let id = wire.replicaState.replicaId >= 0 ? wire.replicaState.replicaId : wire.replicaId
        let request = RaftRequest.Fetch(
            epoch: partition.currentLeaderEpoch,
            replica: ReplicaKey(id: max(id, .none), directoryID: partition.replicaDirectoryId),
            position: OffsetAndEpoch(offset: partition.fetchOffset, epoch: partition.lastFetchedEpoch),
            maxWait: .milliseconds(Int64(max(0, wire.maxWaitMs))), highWatermark: partition.highWatermark)
        return .request(
            .fetch(request), .fetch(bytesMax: Self.bytesMax(wire.maxBytes, partition.partitionMaxBytes)))
    }

    private func raft(_ wire: FetchSnapshotRequest) -> Incoming {
        let topic = wire.topics.first
        let isForMetadata = wire.topics.count == 1 && topic?.name == Self.topicName && topic?.partitions.count == 1
        let error = self.refusal(clusterID: wire.clusterId, isForMetadata: isForMetadata)
        guard error == .noError, let partition = topic?.partitions.first, partition.partition == 0,
            partition.snapshotId.endOffset >= 0, partition.snapshotId.epoch >= 0
        else {
            var response = FetchSnapshotResponse()
            response.errorCode = error == .noError ? .invalidRequest : error
            return .refused(.fetchSnapshot(response))
        }
        let request = RaftRequest.FetchSnapshot(
            epoch: partition.currentLeaderEpoch,
            replica: ReplicaKey(id: max(wire.replicaId, .none), directoryID: partition.replicaDirectoryId),
            snapshotID: OffsetAndEpoch(offset: partition.snapshotId.endOffset, epoch: partition.snapshotId.epoch),
            position: partition.position)
        return .request(.fetchSnapshot(request), .fetchSnapshot(bytesMax: Self.bytesMax(wire.maxBytes)))
    }
}
