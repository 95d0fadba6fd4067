import ApusCore
import EventLoop
import KafkaProtocol
import Networking
import Replication
import Synchronization

/// Fetch, key 1, versions 4-18: records for consumers and for followers.
///
/// 4: isolation level. 5: log start. 7: sessions (KIP-227). 9: the reader's leader epoch. 10: zstd. 11: the reader's
/// rack (KIP-392). 12: last fetched epoch and divergence. 13: topic ids. 15: the replica's state as a tag. 16: endpoints
/// of leaders. 17: directory ids. 18: the follower's high watermark. Versions 0-3 carry message formats that are not
/// served yet.
struct FetchHandler: Sendable {
    let services: BrokerServices
    /// The listener on which other brokers fetch.
    let interBrokerListener: String

    static let versions: ClosedRange<Int16> = 4...18

    func handle(_ request: Request) throws {
        let message = try request.decode(FetchRequest.self)
        let replicaID = request.apiVersion >= 15 ? message.replicaState.replicaId : message.replicaId
        if replicaID >= 0, request.connection.listenerName != self.interBrokerListener {
            throw RequestError(.invalidField, "a fetch as replica \(replicaID) on a listener that is not for brokers")
        }
        let reader = FetchReader(message: message, version: request.apiVersion, replicaID: replicaID)
        let loop = self.services.loops.servingLoop(of: request.connection.loop)
        let requested = FetchPartitions(message, version: request.apiVersion)
        let context = self.services.fetchSessions.withLock {
            $0.begin(reader.session, partitions: requested.wanted, forgotten: requested.forgotten, now: loop.loop.now)
        }
        var partitions: [FetchSessionPartition] = []
        switch context {
        case .refused(let error):
            var response = FetchResponse()
            response.errorCode = error
            request.respond(response)
            return
        case .sessionless, .full:
            for (slot, wanted) in requested.wanted.enumerated() {
                partitions.append(FetchSessionPartition(request: wanted, slot: Int32(slot)))
            }
        case .incremental(let turn):
            self.services.fetchSessions.withLock { $0.list(turn, into: &partitions) }
        }
        let fetch = WaitingFetch(
            request, services: self.services, loop: loop, reader: reader, context: context, partitions: partitions)
        fetch.begin()
    }
}

/// Who fetches, and under which limits.
struct FetchReader {
    let replicaID: NodeID
    let brokerEpoch: BrokerEpoch
    let isolation: FetchIsolation
    let session: FetchSessionRequest
    let maxWait: Interval
    let minBytes: Int
    let maxBytes: Int
    /// The reader's zone, nil where it does not say.
    let rack: String?
    let version: Int16

    init(message: FetchRequest, version: Int16, replicaID: NodeID) {
        self.replicaID = replicaID
        self.brokerEpoch = message.replicaState.replicaEpoch
        self.session = FetchSessionRequest(
            metadata: version >= 7
                ? FetchSessionMetadata(sessionID: message.sessionId, epoch: message.sessionEpoch) : .sessionless,
            usesTopicIDs: version >= 13, isFollower: replicaID >= 0)
        if replicaID >= 0 {
            self.isolation = .logEnd
        } else {
            self.isolation = message.isolationLevel == 1 ? .lastStable : .highWatermark
        }
        self.maxWait = .milliseconds(Int64(max(0, message.maxWaitMs)))
        self.minBytes = Int(max(0, message.minBytes))
        self.maxBytes = Int(max(0, message.maxBytes))
        self.rack = message.rackId.isEmpty ? nil : message.rackId
        self.version = version
    }

    var isFollower: Bool { self.replicaID >= 0 }
}

/// A request's partitions in the form that sessions keep.
struct FetchPartitions {
    private(set) var wanted: [FetchPartitionRequest] = []
    private(set) var forgotten: [FetchPartitionKey] = []

    init(_ message: FetchRequest, version: Int16) {
        for topic in message.topics {
            for partition in topic.partitions {
                self.wanted.append(
                    FetchPartitionRequest(
                        key: Self.key(topic.topic, topic.topicId, partition.partition, version),
                        currentLeaderEpoch: partition.currentLeaderEpoch, fetchOffset: partition.fetchOffset,
                        lastFetchedEpoch: partition.lastFetchedEpoch, logStartOffset: partition.logStartOffset,
                        maxBytes: partition.partitionMaxBytes))
            }
        }
        for topic in message.forgottenTopicsData {
            for partition in topic.partitions {
                self.forgotten.append(Self.key(topic.topic, topic.topicId, partition, version))
            }
        }
    }

    private static func key(
        _ topic: String, _ topicID: TopicID, _ partition: PartitionIndex, _ version: Int16
    ) -> FetchPartitionKey {
        version >= 13
            ? FetchPartitionKey(topicID: topicID, partition: partition)
            : FetchPartitionKey(topic: topic, partition: partition)
    }
}
