import ApusCore
package import KafkaProtocol
import Raft

/// DescribeQuorum (key 55, versions 0-2): what the leader knows of its followers.
extension QuorumDriver {
    package func describe(_ request: DescribeQuorumRequest) -> DescribeQuorumResponse {
        var response = DescribeQuorumResponse()
        response.errorMessage = nil
        guard request.topics.count == 1, let topic = request.topics.first,
            topic.topicName == QuorumTranslator.topicName, topic.partitions.count == 1,
            topic.partitions.first?.partitionIndex == 0
        else {
            response.topics = request.topics.map(Self.unknown)
            return response
        }
        var partition = DescribeQuorumResponse.PartitionData()
        partition.errorMessage = nil
        partition.leaderId = self.raft.leaderID ?? .none
        partition.leaderEpoch = self.raft.epoch
        if case .leader(let leader) = self.raft.role {
            partition.highWatermark = self.raft.highWatermark ?? .unknown
            partition.currentVoters = leader.voters.map(self.state)
            if self.configuration.raft.isVoter {
                partition.currentVoters.append(self.ownState)
                partition.currentVoters.sort { $0.replicaId < $1.replicaId }
            }
            partition.observers = leader.observers.map(self.state)
            response.nodes = self.nodes
        } else {
            partition.errorCode = .notLeaderOrFollower
            partition.highWatermark = .unknown
        }
        var answer = DescribeQuorumResponse.TopicData()
        answer.topicName = QuorumTranslator.topicName
        answer.partitions = [partition]
        response.topics = [answer]
        return response
    }

    private static func unknown(_ topic: DescribeQuorumRequest.TopicData) -> DescribeQuorumResponse.TopicData {
        var answer = DescribeQuorumResponse.TopicData()
        answer.topicName = topic.topicName
        answer.partitions = topic.partitions.map { asked in
            var partition = DescribeQuorumResponse.PartitionData()
            partition.partitionIndex = asked.partitionIndex
            partition.errorCode = .unknownTopicOrPartition
            partition.errorMessage = nil
            return partition
        }
        return answer
    }

    private func state(_ progress: ReplicaProgress) -> DescribeQuorumResponse.ReplicaState {
        var state = DescribeQuorumResponse.ReplicaState()
        state.replicaId = progress.replica.id
        state.replicaDirectoryId = progress.replica.directoryID
        state.logEndOffset = progress.fetchOffset
        state.lastFetchTimestamp = self.timestamp(progress.lastFetch)
        state.lastCaughtUpTimestamp = self.timestamp(progress.lastCaughtUp)
        return state
    }

    private var ownState: DescribeQuorumResponse.ReplicaState {
        var state = DescribeQuorumResponse.ReplicaState()
        state.replicaId = self.configuration.raft.local.id
        // As for the others: a static voter set names no directories.
        let local = self.configuration.raft.voters.voters.first { $0.id == state.replicaId }
        state.replicaDirectoryId = local?.directoryID ?? .zero
        state.logEndOffset = self.endOffset
        state.lastFetchTimestamp = self.port.wallClock
        state.lastCaughtUpTimestamp = self.port.wallClock
        return state
    }

    /// The time of day of an instant; -1 for none.
    private func timestamp(_ instant: Instant?) -> Timestamp {
        instant.map { self.port.wallClock - (self.port.now - $0).milliseconds } ?? -1
    }

    private var nodes: [DescribeQuorumResponse.Node] {
        self.configuration.endpoints.sorted { $0.key < $1.key }.map { id, endpoint in
            var listener = DescribeQuorumResponse.Listener()
            listener.name = endpoint.listenerName
            listener.host = endpoint.host
            listener.port = endpoint.port
            var node = DescribeQuorumResponse.Node()
            node.nodeId = id
            node.listeners = [listener]
            return node
        }
    }
}
