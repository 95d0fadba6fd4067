import ApusCore
import Replication

/// What travels between the nodes of a simulated cluster; address 0 is the controller.
struct ClusterMessage {
    enum Payload {
        case register(incarnation: Int, isClean: Bool)
        case registered(incarnation: Int, brokerEpoch: BrokerEpoch, MetadataImage)
        case heartbeat(BrokerEpoch)
        case metadata(MetadataImage)
        case fetch(correlation: Int, brokerEpoch: BrokerEpoch, FollowerFetchRequest)
        case fetched(correlation: Int, error: ErrorCode, sessionID: Int32, [FetchedPartition])
        case alterPartition(partition: Int, brokerEpoch: BrokerEpoch, connection: Int, ISRProposal)
        case alteredPartition(partition: Int, connection: Int, ISRProposalID, ISRProposalOutcome)
        case listOffsets(correlation: Int, partition: Int, leaderEpoch: LeaderEpoch)
        case listedOffsets(
            correlation: Int, partition: Int, leaderEpoch: LeaderEpoch, error: ErrorCode, LogBounds)
    }

    var from: Int
    var to: Int
    var payload: Payload

    /// Whether the transport may deliver it twice: only the tracked connections of AlterPartition never do.
    var mayRepeat: Bool {
        switch self.payload {
        case .alterPartition, .alteredPartition: false
        default: true
        }
    }
}

/// One partition of a simulated fetch response.
struct FetchedPartition {
    var partition: Int
    var error: ErrorCode
    var divergingEpoch: EpochEndOffset?
    var highWatermark: Offset
    var logStartOffset: Offset
    var records: [MemoryRecord]
}
