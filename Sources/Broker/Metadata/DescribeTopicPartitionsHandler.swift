import ApusCore
import ClusterMetadata
import Controller
import KafkaProtocol
import Networking

/// DescribeTopicPartitions, key 75, version 0: partitions page by page, with their eligible leader replicas (KIP-966).
///
/// Topics come in the order of their names. An answer stops at the limit of partitions, and its cursor tells where the
/// next one begins.
struct DescribeTopicPartitionsHandler: Sendable {
    let broker: BrokerServices

    func handle(_ request: Request) throws {
        let message = try request.decode(DescribeTopicPartitionsRequest.self)
        let view = ListenerView(
            image: self.broker.metadata.current.image, listener: request.connection.listenerName,
            suspected: self.broker.suspicions.current(now: request.receivedAt))
        guard message.cursor.map({ $0.partitionIndex >= 0 }) ?? true else {
            throw RequestError(.invalidField, "DescribeTopicPartitions: the cursor's partition index is negative")
        }
        let wanted = message.topics.map(\.name)
        let names = wanted.isEmpty ? view.image.topicIDs.sortedKeys() : Set(wanted).sorted()
        let limit = min(Int(message.responsePartitionLimit), self.broker.describedPartitionsMax)
        var page = TopicPartitionPage(view: view, limit: limit)
        for name in names {
            if let cursor = message.cursor, name < cursor.topicName { continue }
            let first = message.cursor.flatMap { $0.topicName == name ? $0.partitionIndex : nil } ?? 0
            page.append(topic: name, from: first, reportsMissing: !wanted.isEmpty)
            if page.response.nextCursor != nil { break }
        }
        request.respond(page.response)
    }
}

/// One answer as it fills up.
struct TopicPartitionPage {
    let view: ListenerView
    private(set) var response = DescribeTopicPartitionsResponse()
    private var partitionsLeft: Int

    typealias Topic = DescribeTopicPartitionsResponse.DescribeTopicPartitionsResponseTopic
    typealias Partition = DescribeTopicPartitionsResponse.DescribeTopicPartitionsResponsePartition

    /// - Parameter limit: how many partitions the answer may hold; at least one is given.
    init(view: ListenerView, limit: Int) {
        self.view = view
        self.partitionsLeft = max(1, limit)
    }

    /// Adds the partitions of a topic from `first` on, or sets the cursor where the page is full.
    mutating func append(topic name: String, from first: PartitionIndex, reportsMissing: Bool) {
        guard self.partitionsLeft > 0 else {
            self.setCursor(name, first)
            return
        }
        var answer = Topic()
        answer.name = name
        answer.isInternal = InternalTopic.isInternal(name)
        answer.topicAuthorizedOperations = AuthorizedOperations.topic
        guard let topic = self.view.image.topic(named: name) else {
            guard reportsMissing else { return }
            answer.errorCode = TopicName.isValid(name) ? .unknownTopicOrPartition : .invalidTopicException
            self.response.topics.append(answer)
            return
        }
        answer.topicId = topic.id
        let end = min(topic.partitions.count, Int(first.rawValue) + self.partitionsLeft)
        for index in min(Int(first.rawValue), end)..<end {
            answer.partitions.append(self.partition(PartitionIndex(rawValue: Int32(index)), topic.partitions[index]))
        }
        self.partitionsLeft -= answer.partitions.count
        self.response.topics.append(answer)
        if end < topic.partitions.count { self.setCursor(name, PartitionIndex(rawValue: Int32(end))) }
    }

    private mutating func setCursor(_ name: String, _ index: PartitionIndex) {
        var cursor = DescribeTopicPartitionsResponse.Cursor()
        cursor.topicName = name
        cursor.partitionIndex = index
        self.response.nextCursor = cursor
    }

    private func partition(_ index: PartitionIndex, _ state: PartitionState) -> Partition {
        var answer = Partition()
        answer.partitionIndex = index
        answer.errorCode = self.view.leaderError(of: state, missingListener: .listenerNotFound)
        answer.leaderId = answer.errorCode == .leaderNotAvailable ? .none : state.leader
        answer.leaderEpoch = state.leaderEpoch
        answer.replicaNodes = state.replicas
        answer.isrNodes = state.isr
        answer.eligibleLeaderReplicas = state.eligibleLeaders
        answer.lastKnownElr = state.lastKnownEligibleLeaders
        answer.offlineReplicas = self.view.offlineReplicas(of: state)
        return answer
    }
}
