import ApusCore
import KafkaProtocol

/// An answer that can say where the quorum's leader listens.
protocol LeaderAddressing {
    associatedtype NodeEndpoint: LeaderAddress
    var nodeEndpoints: [NodeEndpoint] { get set }
}

extension LeaderAddressing {
    mutating func setLeader(_ id: NodeID, at endpoint: QuorumEndpoint) {
        var node = NodeEndpoint()
        node.nodeId = id
        node.host = endpoint.host
        node.port = NodeEndpoint.Port(endpoint.port)
        self.nodeEndpoints = [node]
    }
}

/// An address of an answer; messages differ in how wide their ports are.
protocol LeaderAddress {
    associatedtype Port: FixedWidthInteger
    init()
    var nodeId: NodeID { get set }
    var host: String { get set }
    var port: Port { get set }
}

extension VoteResponse: LeaderAddressing {}
extension VoteResponse.NodeEndpoint: LeaderAddress {}
extension BeginQuorumEpochResponse: LeaderAddressing {}
extension BeginQuorumEpochResponse.NodeEndpoint: LeaderAddress {}
extension EndQuorumEpochResponse: LeaderAddressing {}
extension EndQuorumEpochResponse.NodeEndpoint: LeaderAddress {}
extension FetchResponse: LeaderAddressing {}
extension FetchResponse.NodeEndpoint: LeaderAddress {}
extension FetchSnapshotResponse: LeaderAddressing {}
extension FetchSnapshotResponse.NodeEndpoint: LeaderAddress {}
