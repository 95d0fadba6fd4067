package import ApusCore
import KafkaProtocol
package import Raft

/// Puts the machine's messages into the wire's, and reads them from it.
///
/// All of them are about partition 0 of `__cluster_metadata`; whatever is about something else is refused.
package struct QuorumTranslator: Sendable {
    /// The name of the one topic of the quorum.
    package static let topicName = "__cluster_metadata"

    /// The cluster this node belongs to. A request that names another is refused; one that names none is not.
    package let clusterID: String
    let localID: NodeID
    /// Where each voter listens, which responses and notices tell.
    let endpoints: [NodeID: QuorumEndpoint]

    package init(clusterID: String, localID: NodeID, endpoints: [NodeID: QuorumEndpoint]) {
        self.clusterID = clusterID
        self.localID = localID
        self.endpoints = endpoints
    }

    /// What has to be remembered of a request until it is answered.
    package enum Inquiry: Hashable, Sendable {
        case vote
        case beginQuorumEpoch
        case endQuorumEpoch
        /// The most bytes of records that the sender takes.
        case fetch(bytesMax: Int)
        case fetchSnapshot(bytesMax: Int)
    }

    /// A request as it was understood.
    package enum Incoming: Equatable {
        case request(RaftRequest, Inquiry)
        /// Not one for this quorum; the answer to it.
        case refused(QuorumResponse)
    }

    /// No answer carries more bytes of records or of a snapshot than this, but for a single larger batch: a piece is
    /// read into memory at both ends.
    package static let bytesMax = 1 << 20

    func isOfOtherCluster(_ clusterID: String?) -> Bool {
        clusterID.map { $0 != self.clusterID } ?? false
    }

    /// A limit from the wire as one that can be worked with.
    static func bytesMax(_ limits: Int32...) -> Int {
        max(0, min(Self.bytesMax, limits.map(Int.init).min() ?? 0))
    }
}
