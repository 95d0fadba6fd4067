import ApusCore
package import KafkaPrimitives
import KafkaProtocol
package import Raft

/// Responses to be sent.
extension QuorumTranslator {
    /// The response as the wire has it.
    ///
    /// - Parameter payload: the records or the piece of a snapshot that go with it.
    package func wire(_ response: RaftResponse, payload: RecordsPayload = .null) -> QuorumResponse {
        switch response {
        case .vote(let header, let isGranted): .vote(self.vote(header, isGranted))
        case .beginQuorumEpoch(let header): .beginQuorumEpoch(self.beginQuorumEpoch(header))
        case .endQuorumEpoch(let header): .endQuorumEpoch(self.endQuorumEpoch(header))
        case .fetch(let header, let fetched): .fetch(self.fetch(header, fetched, payload))
        case .fetchSnapshot(let header, let piece): .fetchSnapshot(self.fetchSnapshot(header, piece, payload))
        }
    }

    private func vote(_ header: RaftResponse.Header, _ isGranted: Bool) -> VoteResponse {
        self.epochAnswer(header) { $0.voteGranted = isGranted }
    }

    private func beginQuorumEpoch(_ header: RaftResponse.Header) -> BeginQuorumEpochResponse {
        self.epochAnswer(header) { _ in }
    }

    private func endQuorumEpoch(_ header: RaftResponse.Header) -> EndQuorumEpochResponse {
        self.epochAnswer(header) { _ in }
    }

    /// An answer that says who leads in which epoch, and what `complete` adds.
    private func epochAnswer<Answer: EpochAnswer>(
        _ header: RaftResponse.Header, complete: (inout Answer.Topic.Partition) -> Void
    ) -> Answer {
        var partition = Answer.Topic.Partition()
        partition.errorCode = header.error
        partition.leaderId = header.leaderID ?? .none
        partition.leaderEpoch = header.epoch
        complete(&partition)
        var topic = Answer.Topic()
        topic.topicName = Self.topicName
        topic.partitions = [partition]
        var wire = Answer()
        wire.topics = [topic]
        self.addLeader(of: header, to: &wire)
        return wire
    }

    /// Says where the leader listens, where that is known.
    private func addLeader(of header: RaftResponse.Header, to wire: inout some LeaderAddressing) {
        guard let leaderID = header.leaderID, let endpoint = self.endpoints[leaderID] else { return }
        wire.setLeader(leaderID, at: endpoint)
    }

    private func fetch(
        _ header: RaftResponse.Header, _ fetched: RaftResponse.Fetched, _ records: RecordsPayload
    ) -> FetchResponse {
        var partition = FetchResponse.PartitionData()
        partition.errorCode = header.error
        partition.highWatermark = fetched.highWatermark
        partition.logStartOffset = fetched.logStartOffset
        partition.currentLeader.leaderId = header.leaderID ?? .none
        partition.currentLeader.leaderEpoch = header.epoch
        partition.abortedTransactions = nil
        // Readers before version 12 take null for an error.
        partition.records = records == .null ? .bytes(.empty) : records
        switch fetched.content {
        case .nothing, .records:
            break
        case .divergingEpoch(let end):
            partition.divergingEpoch.epoch = end.epoch
            partition.divergingEpoch.endOffset = end.offset
        case .snapshot(let id):
            partition.snapshotId.epoch = id.epoch
            partition.snapshotId.endOffset = id.offset
        }
        var topic = FetchResponse.FetchableTopicResponse()
        topic.topic = Self.topicName
        topic.topicId = TopicID(.clusterMetadata)
        topic.partitions = [partition]
        var wire = FetchResponse()
        wire.responses = [topic]
        self.addLeader(of: header, to: &wire)
        return wire
    }

    private func fetchSnapshot(
        _ header: RaftResponse.Header, _ piece: RaftResponse.SnapshotPiece, _ bytes: RecordsPayload
    ) -> FetchSnapshotResponse {
        var partition = FetchSnapshotResponse.PartitionSnapshot()
        partition.errorCode = header.error
        partition.snapshotId.endOffset = piece.snapshotID.offset
        partition.snapshotId.epoch = piece.snapshotID.epoch
        partition.currentLeader.leaderId = header.leaderID ?? .none
        partition.currentLeader.leaderEpoch = header.epoch
        partition.size = piece.size
        partition.position = piece.position
        partition.unalignedRecords = bytes == .null ? .bytes(.empty) : bytes
        var topic = FetchSnapshotResponse.TopicSnapshot()
        topic.name = Self.topicName
        topic.partitions = [partition]
        var wire = FetchSnapshotResponse()
        wire.topics = [topic]
        self.addLeader(of: header, to: &wire)
        return wire
    }
}
