import ApusCore
package import KafkaPrimitives
import KafkaProtocol
package import Raft

/// Responses that were received.
extension QuorumTranslator {
    /// A response as it was understood, with the records or the piece of a snapshot it carries.
    package struct Answer: Equatable {
        package var response: RaftResponse
        package var payload = ByteSlice.empty

        package static func == (lhs: Answer, rhs: Answer) -> Bool {
            lhs.response == rhs.response && lhs.payload.array == rhs.payload.array
        }
    }

    /// nil where the answering node refused the whole request, or its answer is about something else: such an answer
    /// says nothing of the quorum.
    package func raft(_ response: QuorumResponse) -> Answer? {
        switch response {
        case .vote(let response): self.raft(response)
        case .beginQuorumEpoch(let response): self.raft(response)
        case .endQuorumEpoch(let response): self.raft(response)
        case .fetch(let response): self.raft(response)
        case .fetchSnapshot(let response): self.raft(response)
        }
    }

    private func header(
        _ error: ErrorCode, _ leaderID: NodeID, _ epoch: LeaderEpoch
    ) -> RaftResponse.Header {
        RaftResponse.Header(error: error, leaderID: leaderID < 0 ? nil : leaderID, epoch: epoch)
    }

    private func raft(_ wire: VoteResponse) -> Answer? {
        guard wire.errorCode == .noError, let partition = wire.topics.first?.partitions.first else { return nil }
        let header = self.header(partition.errorCode, partition.leaderId, partition.leaderEpoch)
        return Answer(response: .vote(header, isGranted: partition.voteGranted))
    }

    private func raft(_ wire: BeginQuorumEpochResponse) -> Answer? {
        guard wire.errorCode == .noError, let partition = wire.topics.first?.partitions.first else { return nil }
        return Answer(
            response: .beginQuorumEpoch(
                self.header(partition.errorCode, partition.leaderId, partition.leaderEpoch)))
    }

    private func raft(_ wire: EndQuorumEpochResponse) -> Answer? {
        guard wire.errorCode == .noError, let partition = wire.topics.first?.partitions.first else { return nil }
        return Answer(
            response: .endQuorumEpoch(self.header(partition.errorCode, partition.leaderId, partition.leaderEpoch)))
    }

    private func raft(_ wire: FetchResponse) -> Answer? {
        guard wire.errorCode == .noError, let partition = wire.responses.first?.partitions.first else { return nil }
        var payload = ByteSlice.empty
        if case .bytes(let bytes) = partition.records { payload = bytes }
        let content: RaftResponse.Content
        if partition.divergingEpoch.epoch >= 0, partition.divergingEpoch.endOffset >= 0 {
            content = .divergingEpoch(
                OffsetAndEpoch(offset: partition.divergingEpoch.endOffset, epoch: partition.divergingEpoch.epoch))
        } else if partition.snapshotId.epoch >= 0, partition.snapshotId.endOffset >= 0 {
            content = .snapshot(
                OffsetAndEpoch(offset: partition.snapshotId.endOffset, epoch: partition.snapshotId.epoch))
        } else if let range = FetchedBatches(payload, epochMax: partition.currentLeader.leaderEpoch).range {
            content = .records(range)
        } else {
            content = .nothing
        }
        let leader = partition.currentLeader
        return Answer(
            response: .fetch(
                self.header(partition.errorCode, leader.leaderId, leader.leaderEpoch),
                RaftResponse.Fetched(
                    highWatermark: partition.highWatermark, logStartOffset: partition.logStartOffset,
                    content: content)),
            payload: payload)
    }

    private func raft(_ wire: FetchSnapshotResponse) -> Answer? {
        guard wire.errorCode == .noError, let partition = wire.topics.first?.partitions.first else { return nil }
        var payload = ByteSlice.empty
        if case .bytes(let bytes) = partition.unalignedRecords { payload = bytes }
        let leader = partition.currentLeader
        let piece = RaftResponse.SnapshotPiece(
            snapshotID: OffsetAndEpoch(offset: partition.snapshotId.endOffset, epoch: partition.snapshotId.epoch),
            size: partition.size, position: partition.position, byteCount: Int64(payload.count))
        return Answer(
            response: .fetchSnapshot(self.header(partition.errorCode, leader.leaderId, leader.leaderEpoch), piece),
            payload: payload)
    }
}
