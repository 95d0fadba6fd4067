import ApusCore
import EventLoop
import KafkaProtocol
import KafkaRecords
import LogStorage
import Networking
import Replication

/// The timestamps with a meaning of their own in a ListOffsets request.
enum ListOffsetsTimestamp {
    static let latest: Timestamp = -1
    static let earliest: Timestamp = -2
    /// The record with the largest timestamp, from version 7 on.
    static let maxTimestamp: Timestamp = -3
    /// The earliest offset on local disks, from version 8 on: all of them are, so the earliest.
    static let earliestLocal: Timestamp = -4
    /// The last offset in tiered storage, from version 9 on: there is none.
    static let latestTiered: Timestamp = -5
    /// The earliest offset that waits to be tiered, from version 11 on: none does.
    static let earliestPendingUpload: Timestamp = -6
}

/// ListOffsets, key 2, versions 0-11: offsets by time.
///
/// 0: the offsets of segments, for clients before 0.10.1. 1: one offset a partition. 2: isolation level, throttle. 4: leader epochs. 7: the largest timestamp. 8, 9, 11:
/// offsets of tiered storage, which there is none of. 10: a timeout, which nothing here needs.
struct ListOffsetsHandler: Sendable {
    let services: BrokerServices

    static let versions: ClosedRange<Int16> = 0...11

    func handle(_ request: Request) throws {
        let message = try request.decode(ListOffsetsRequest.self)
        // Looking an offset up by time may wait for the disk.
        let mustWait = message.topics.contains {
            $0.partitions.contains { $0.timestamp >= 0 || $0.timestamp == ListOffsetsTimestamp.maxTimestamp }
        }
        guard mustWait else {
            self.answer(request, message)
            return
        }
        self.services.storageWork.perform {
            self.answer(request, message)
        }
    }

    private func answer(_ request: Request, _ message: ListOffsetsRequest) {
        var seen: Set<TopicPartition> = []
        var duplicates: Set<TopicPartition> = []
        for topic in message.topics {
            for partition in topic.partitions {
                let name = TopicPartition(topic: topic.name, partition: partition.partitionIndex)
                if !seen.insert(name).inserted { duplicates.insert(name) }
            }
        }
        var response = ListOffsetsResponse()
        response.topics = message.topics.map { topic in
            var answer = ListOffsetsResponse.ListOffsetsTopicResponse()
            answer.name = topic.name
            answer.partitions = topic.partitions.map { wanted in
                let name = TopicPartition(topic: topic.name, partition: wanted.partitionIndex)
                return duplicates.contains(name)
                    ? Self.refusal(.invalidRequest, wanted)
                    : self.answer(wanted, name, message, version: request.apiVersion)
            }
            return answer
        }
        request.respond(response)
    }

    private static func refusal(
        _ error: ErrorCode, _ wanted: ListOffsetsRequest.ListOffsetsPartition
    ) -> ListOffsetsResponse.ListOffsetsPartitionResponse {
        var answer = ListOffsetsResponse.ListOffsetsPartitionResponse()
        answer.partitionIndex = wanted.partitionIndex
        answer.errorCode = error
        answer.offset = .unknown
        answer.timestamp = .none
        return answer
    }

    private func segmentOffsets(
        _ partition: Partition, _ wanted: ListOffsetsRequest.ListOffsetsPartition, _ query: OffsetQuery
    ) -> ListOffsetsResponse.ListOffsetsPartitionResponse {
        switch partition.segmentOffsets(for: query, now: self.services.clock.wall, countMax: Int(wanted.maxNumOffsets))
        {
        case .failure(let error):
            return Self.refusal(error.code, wanted)
        case .success(let offsets):
            var answer = Self.refusal(.noError, wanted)
            answer.oldStyleOffsets = offsets
            return answer
        }
    }

    private func answer(
        _ wanted: ListOffsetsRequest.ListOffsetsPartition, _ name: TopicPartition, _ message: ListOffsetsRequest,
        version: Int16
    ) -> ListOffsetsResponse.ListOffsetsPartitionResponse {
        switch self.services.replica(name) {
        case .missing(let error):
            return Self.refusal(error, wanted)
        case .here(let partition):
            let isDebug = message.replicaId == -2
            let query = OffsetQuery(
                timestamp: wanted.timestamp,
                currentLeaderEpoch: wanted.currentLeaderEpoch >= 0 ? wanted.currentLeaderEpoch : nil,
                isolation: message.replicaId >= 0 || isDebug
                    ? .logEnd : message.isolationLevel == 1 ? .lastStable : .highWatermark,
                leaderOnly: !isDebug)
            if version == 0 { return self.segmentOffsets(partition, wanted, query) }
            switch partition.offset(for: query) {
            case .failure(let error):
                let isOld = version < 5 && error.code == ErrorCode.offsetNotAvailable
                return Self.refusal(isOld ? .leaderNotAvailable : error.code, wanted)
            case .success(let found):
                var answer = Self.refusal(.noError, wanted)
                answer.offset = found.offset
                answer.timestamp = found.timestamp
                answer.leaderEpoch = found.leaderEpoch
                return answer
            }
        }
    }
}
