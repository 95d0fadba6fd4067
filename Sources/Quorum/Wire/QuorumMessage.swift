package import KafkaProtocol

/// A request of the quorum as the wire has it.
package enum QuorumRequest: Sendable, Equatable {
    case vote(VoteRequest)
    case beginQuorumEpoch(BeginQuorumEpochRequest)
    case endQuorumEpoch(EndQuorumEpochRequest)
    case fetch(FetchRequest)
    case fetchSnapshot(FetchSnapshotRequest)

    package var apiKey: APIKey {
        switch self {
        case .vote: .vote
        case .beginQuorumEpoch: .beginQuorumEpoch
        case .endQuorumEpoch: .endQuorumEpoch
        case .fetch: .fetch
        case .fetchSnapshot: .fetchSnapshot
        }
    }

    /// The version below which the request does not say what it means: a pre-vote would be taken for a vote, and a fetch
    /// would not tell the epoch of the log's end.
    package var versionMin: Int16 {
        switch self {
        case .vote(let request): request.topics.first?.partitions.first?.preVote == true ? 2 : 0
        case .fetch: 12
        case .beginQuorumEpoch, .endQuorumEpoch, .fetchSnapshot: 0
        }
    }
}

/// The answer to a `QuorumRequest`.
package enum QuorumResponse: Sendable, Equatable {
    case vote(VoteResponse)
    case beginQuorumEpoch(BeginQuorumEpochResponse)
    case endQuorumEpoch(EndQuorumEpochResponse)
    case fetch(FetchResponse)
    case fetchSnapshot(FetchSnapshotResponse)
}
