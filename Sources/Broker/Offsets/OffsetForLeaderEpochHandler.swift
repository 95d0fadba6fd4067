import ApusCore
import KafkaProtocol
import Replication

/// OffsetForLeaderEpoch, key 23, versions 0-4: where a leader epoch ends, by which followers and clients find out that
/// their logs part (KIP-101, KIP-279, KIP-320).
///
/// 1: the epoch in the answer. 2: the asker's leader epoch, throttle. 3: replica id.
struct OffsetForLeaderEpochHandler: Sendable {
    let services: BrokerServices

    func handle(_ request: Request) throws {
        let message = try request.decode(OffsetForLeaderEpochRequest.self)
        var response = OffsetForLeaderEpochResponse()
        response.topics = message.topics.map { topic in
            var answer = OffsetForLeaderEpochResponse.OffsetForLeaderTopicResult()
            answer.topic = topic.topic
            answer.partitions = topic.partitions.map {
                self.answer($0, TopicPartition(topic: topic.topic, partition: $0.partition))
            }
            return answer
        }
        request.respond(response)
    }

    private func answer(
        _ wanted: OffsetForLeaderEpochRequest.OffsetForLeaderPartition, _ name: TopicPartition
    ) -> OffsetForLeaderEpochResponse.EpochEndOffset {
        var answer = OffsetForLeaderEpochResponse.EpochEndOffset()
        answer.partition = wanted.partition
        switch self.services.replica(name) {
        case .missing(let error):
            answer.errorCode = error
        case .here(let partition):
            let epoch = wanted.currentLeaderEpoch >= 0 ? wanted.currentLeaderEpoch : nil
            switch partition.endOffset(ofEpoch: wanted.leaderEpoch, currentLeaderEpoch: epoch) {
            case .refuse(let error):
                answer.errorCode = error
            case .answer(let end):
                answer.leaderEpoch = end.leaderEpoch
                answer.endOffset = end.endOffset
            }
        }
        return answer
    }
}

extension Partition {
    fileprivate func endOffset(
        ofEpoch epoch: LeaderEpoch, currentLeaderEpoch: LeaderEpoch?
    ) -> OffsetsDecision<EpochEndOffset> {
        self.withState { state in
            state.replica.offsetForLeaderEpoch(
                currentLeaderEpoch: currentLeaderEpoch, leaderOnly: true, epochEnd: state.epochEnd(of: epoch))
        }
    }
}
