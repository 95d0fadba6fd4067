import ApusCore
import ClusterMetadata
import Configuration
import Controller
import EventLoop
import KafkaProtocol
import Networking

/// Metadata, key 3, versions 0-13: brokers, topics and leaders; creates missing topics where that is allowed.
///
/// 0: an empty list means all topics, and a replica whose broker is down is an error. 1: null means all; internal flag,
/// rack, controller. 2: cluster id. 4: the auto-create flag. 5: offline replicas. 6: a leader without the listener is
/// LISTENER_NOT_FOUND. 7: leader epoch. 8: authorized operations. 10: topic ids, honoured in requests from 12.
struct MetadataHandler: Sendable {
    let broker: BrokerServices

    /// An answer that would hide a leader under suspicion waits so long at most for the election of the next one:
    /// longer than the quorum needs to elect a controller first. librdkafka asks again only after a second, and
    /// answers behind this one on the connection wait too.
    private static let electionWaitMax = Interval.milliseconds(500)
    private static let electionCheckInterval = Interval.milliseconds(5)

    /// A client that has been connected for a while asks every few minutes, or because it has just lost a leader. The
    /// loss may reach this broker a moment later than the client, so the answer to such a client waits that long.
    private static let refreshDelay = Interval.milliseconds(10)
    private static let connectedMin = Interval.milliseconds(500)

    func handle(_ request: Request) throws {
        let message = try request.decode(MetadataRequest.self)
        guard let served = request.connection.userState as? ServedConnection,
            request.receivedAt >= served.openedAt + Self.connectedMin
        else {
            self.answer(request, message)
            return
        }
        _ = request.connection.loop.schedule(after: Self.refreshDelay) { self.answer(request, message) }
    }

    private func answer(_ request: Request, _ message: MetadataRequest) {
        let loop = request.connection.loop
        let suspected = self.broker.suspicions.current(now: loop.now)
        let snapshot = self.broker.metadata.current
        let listing = TopicListing(
            view: ListenerView(
                image: snapshot.image, listener: request.connection.listenerName,
                suspected: suspected),
            version: request.apiVersion,
            includesTopicOperations: message.includeTopicAuthorizedOperations)

        guard let wanted = message.topics, !(request.apiVersion == 0 && wanted.isEmpty) else {
            let topics = listing.view.image.topicIDs.sortedKeys().map { listing.topic(named: $0) }
            self.respond(request, message, listing, topics)
            return
        }
        let topics = wanted.map { listing.topic($0) }
        if !suspected.isEmpty, loop.now < request.receivedAt + Self.electionWaitMax,
            topics.contains(where: { $0.partitions.contains { $0.errorCode == .leaderNotAvailable } })
        {
            _ = loop.schedule(after: Self.electionCheckInterval) { self.answer(request, message) }
            return
        }
        if message.allowAutoTopicCreation || request.apiVersion < 4,
            self.broker.configuration.topicCreation.autoCreateEnable
        {
            // The client is told that the topic is unknown, asks again, and finds it then.
            self.broker.topicCreation.create(
                topics.filter { $0.errorCode == .unknownTopicOrPartition }.compactMap(\.name))
        }
        self.respond(request, message, listing, topics)
    }

    private func respond(
        _ request: Request, _ message: MetadataRequest, _ listing: TopicListing,
        _ topics: [MetadataResponse.MetadataResponseTopic]
    ) {
        var response = MetadataResponse()
        response.brokers = listing.view.listedBrokers(
            with: self.broker.suspicions.stillListed(now: request.connection.loop.now)
        ).map { broker, endpoint in
            var answer = MetadataResponse.MetadataResponseBroker()
            answer.nodeId = broker.id
            answer.host = endpoint.host
            answer.port = Int32(endpoint.port)
            answer.rack = broker.rack
            return answer
        }
        response.clusterId = self.broker.clusterID
        var random = SeededRandom(seed: self.broker.seeds.next())
        response.controllerId = listing.view.brokerForController(random: &random)
        response.topics = topics
        if message.includeClusterAuthorizedOperations {
            response.clusterAuthorizedOperations = AuthorizedOperations.cluster
        }
        request.respond(response)
    }
}

/// How a topic is told to the clients of one listener in one version.
private struct TopicListing: Sendable {
    let view: ListenerView
    let version: Int16
    let includesTopicOperations: Bool

    func topic(_ wanted: MetadataRequest.MetadataRequestTopic) -> MetadataResponse.MetadataResponseTopic {
        if let name = wanted.name, wanted.topicId == .zero { return self.topic(named: name) }
        var answer = MetadataResponse.MetadataResponseTopic()
        answer.topicId = wanted.topicId
        guard self.version >= 12 else {
            // Versions 10 and 11 carry the field, but clients of that time were told not to use it.
            answer.name = wanted.name
            answer.errorCode = .invalidRequest
            return answer
        }
        guard let topic = self.view.image.topic(id: wanted.topicId) else {
            answer.name = nil
            answer.errorCode = .unknownTopicID
            return answer
        }
        return self.topic(topic)
    }

    func topic(named name: String) -> MetadataResponse.MetadataResponseTopic {
        if let topic = self.view.image.topic(named: name) { return self.topic(topic) }
        var answer = MetadataResponse.MetadataResponseTopic()
        answer.name = name
        answer.errorCode = TopicName.isValid(name) ? .unknownTopicOrPartition : .invalidTopicException
        answer.isInternal = InternalTopic.isInternal(name)
        return answer
    }

    private func topic(_ topic: TopicImage) -> MetadataResponse.MetadataResponseTopic {
        var answer = MetadataResponse.MetadataResponseTopic()
        answer.name = topic.name
        answer.topicId = topic.id
        answer.isInternal = InternalTopic.isInternal(topic.name)
        answer.partitions = zip(topic.partitionIndexes, topic.partitions).map { self.partition($0, $1) }
        if self.includesTopicOperations { answer.topicAuthorizedOperations = AuthorizedOperations.topic }
        return answer
    }

    private func partition(
        _ index: PartitionIndex, _ state: PartitionState
    ) -> MetadataResponse.MetadataResponsePartition {
        var answer = MetadataResponse.MetadataResponsePartition()
        answer.partitionIndex = index
        answer.leaderEpoch = state.leaderEpoch
        answer.offlineReplicas = self.view.offlineReplicas(of: state)
        answer.errorCode = self.view.leaderError(
            of: state, missingListener: self.version >= 6 ? .listenerNotFound : .leaderNotAvailable)
        answer.leaderId = answer.errorCode == .leaderNotAvailable ? .none : state.leader
        let hidesUnreachable = self.version == 0
        answer.replicaNodes = hidesUnreachable ? self.reachable(state.replicas) : state.replicas
        answer.isrNodes = hidesUnreachable ? self.reachable(state.isr) : state.isr
        if hidesUnreachable, answer.errorCode == .noError, answer.replicaNodes.count < state.replicas.count {
            answer.errorCode = .replicaNotAvailable
        }
        return answer
    }

    private func reachable(_ nodes: [NodeID]) -> [NodeID] {
        nodes.filter { self.view.endpoint(of: $0) != nil }
    }
}
