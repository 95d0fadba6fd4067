import ApusCore
package import KafkaProtocol
import Raft

/// UpdateRaftVoter (key 82, version 0): a voter tells the leader which versions of the quorum it supports.
///
/// With static voters (`kraft.version` 0) nothing is written: where a voter listens is configured, and its versions count
/// only when voters become dynamic. The leader checks that it can go on with the voter as it is. Source: KIP-853.
extension QuorumDriver {
    /// The version of the quorum's records that static voters have.
    private static let kraftVersion: Int16 = 0

    package func updateVoter(_ request: UpdateRaftVoterRequest) -> UpdateRaftVoterResponse {
        var response = UpdateRaftVoterResponse()
        response.errorCode = self.refusal(of: request)
        response.currentLeader.leaderEpoch = self.raft.epoch
        if let leaderID = self.raft.leaderID, let endpoint = self.configuration.endpoints[leaderID] {
            response.currentLeader.leaderId = leaderID
            response.currentLeader.host = endpoint.host
            response.currentLeader.port = Int32(endpoint.port)
        }
        return response
    }

    private func refusal(of request: UpdateRaftVoterRequest) -> ErrorCode {
        if self.translator.isOfOtherCluster(request.clusterId) { return .inconsistentClusterID }
        if request.currentLeaderEpoch < self.raft.epoch { return .fencedLeaderEpoch }
        if request.currentLeaderEpoch > self.raft.epoch { return .unknownLeaderEpoch }
        guard case .leader(let leader) = self.raft.role else { return .notLeaderOrFollower }
        guard leader.isEstablished else { return .requestTimedOut }
        let versions = request.kRaftVersionFeature
        guard versions.minSupportedVersion <= Self.kraftVersion, versions.maxSupportedVersion >= Self.kraftVersion,
            request.voterId >= 0, !request.listeners.isEmpty
        else { return .invalidRequest }
        let voter = ReplicaKey(id: request.voterId, directoryID: request.voterDirectoryId)
        return self.configuration.raft.voters.contains(voter) ? .noError : .voterNotFound
    }
}
