import ApusCore
import EventLoop
import KafkaPrimitives
import KafkaProtocol
import Networking

/// What a leader says about one position.
struct FoundOffset: Hashable, Sendable {
    var errorCode: ErrorCode
    var offset: Offset = .unknown
    var timestamp: Timestamp = .none
}

extension ClusterClient {
    /// Asks the leaders once where positions lie. A partition that could not be asked about is not in the answer.
    func listOffsets(
        _ positions: [TopicPartition: StartPosition], readsCommitted: Bool,
        completion: @escaping ([TopicPartition: FoundOffset]) -> Void
    ) {
        self.loop.assertInEventLoop()
        var byLeader: [NodeID: [TopicPartition]] = [:]
        for partition in positions.keys.sorted() {
            guard let known = self.metadata.partition(partition.topic, partition.partition), known.leader >= 0,
                self.channel(to: known.leader) != nil
            else {
                self.requestRefresh()
                continue
            }
            byLeader[known.leader, default: []].append(partition)
        }
        let gathering = Gathering(left: byLeader.count, completion: completion)
        guard !byLeader.isEmpty else {
            self.loop.execute { gathering.finish() }
            return
        }
        for node in byLeader.keys.sorted() {
            guard let channel = self.channel(to: node) else {
                gathering.add([:])
                continue
            }
            let request = self.listOffsetsRequest(
                byLeader[node] ?? [], positions: positions, readsCommitted: readsCommitted)
            channel.send(request, timeout: self.configuration.requestTimeout) { result in
                var found: [TopicPartition: FoundOffset] = [:]
                if case .success(let response) = result {
                    for topic in response.topics {
                        for partition in topic.partitions {
                            found[TopicPartition(topic: topic.name, partition: partition.partitionIndex)] = FoundOffset(
                                errorCode: partition.errorCode, offset: partition.offset,
                                timestamp: partition.timestamp)
                        }
                    }
                }
                gathering.add(found)
            }
        }
    }

    private func listOffsetsRequest(
        _ partitions: [TopicPartition], positions: [TopicPartition: StartPosition], readsCommitted: Bool
    ) -> ListOffsetsRequest {
        var request = ListOffsetsRequest()
        request.replicaId = .none
        request.isolationLevel = readsCommitted ? 1 : 0
        request.timeoutMs = Int32(clamping: self.configuration.requestTimeout.milliseconds)
        for partition in partitions {
            var entry = ListOffsetsRequest.ListOffsetsPartition()
            entry.partitionIndex = partition.partition
            entry.currentLeaderEpoch = self.metadata.partition(partition.topic, partition.partition)?.leaderEpoch ?? -1
            switch positions[partition] {
            case .earliest: entry.timestamp = -2
            case .timestamp(let timestamp): entry.timestamp = timestamp
            case .latest, .offset, nil: entry.timestamp = -1
            }
            if request.topics.last?.name != partition.topic {
                var topic = ListOffsetsRequest.ListOffsetsTopic()
                topic.name = partition.topic
                request.topics.append(topic)
            }
            request.topics[request.topics.count - 1].partitions.append(entry)
        }
        return request
    }

    /// Puts the answers of several leaders together. Only on the loop.
    private final class Gathering: @unchecked Sendable {
        // Unchecked: made, used and finished on one loop.
        private var left: Int
        private var found: [TopicPartition: FoundOffset] = [:]
        private let completion: ([TopicPartition: FoundOffset]) -> Void

        init(left: Int, completion: @escaping ([TopicPartition: FoundOffset]) -> Void) {
            self.left = left
            self.completion = completion
        }

        func add(_ found: [TopicPartition: FoundOffset]) {
            self.found.merge(found) { $1 }
            self.left -= 1
            if self.left == 0 { self.finish() }
        }

        func finish() {
            self.completion(self.found)
        }
    }
}
