import ApusCore
import KafkaProtocol

/// An answer whose one partition says who leads in which epoch.
protocol EpochAnswer: LeaderAddressing {
    associatedtype Topic: EpochAnswerTopic
    init()
    var topics: [Topic] { get set }
}

protocol EpochAnswerTopic {
    associatedtype Partition: EpochAnswerPartition
    init()
    var topicName: String { get set }
    var partitions: [Partition] { get set }
}

protocol EpochAnswerPartition {
    init()
    var errorCode: ErrorCode { get set }
    var leaderId: NodeID { get set }
    var leaderEpoch: LeaderEpoch { get set }
}

extension VoteResponse: EpochAnswer {}
extension VoteResponse.TopicData: EpochAnswerTopic {}
extension VoteResponse.PartitionData: EpochAnswerPartition {}
extension BeginQuorumEpochResponse: EpochAnswer {}
extension BeginQuorumEpochResponse.TopicData: EpochAnswerTopic {}
extension BeginQuorumEpochResponse.PartitionData: EpochAnswerPartition {}
extension EndQuorumEpochResponse: EpochAnswer {}
extension EndQuorumEpochResponse.TopicData: EpochAnswerTopic {}
extension EndQuorumEpochResponse.PartitionData: EpochAnswerPartition {}
