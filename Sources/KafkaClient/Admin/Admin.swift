package import ApusCore
import EventLoop
import KafkaProtocol

/// The control plane of a cluster: topics, offsets, brokers. From any thread; each function waits at most `timeout`.
package struct Admin: Sendable {
    package let cluster: ClusterClient
    package var timeout: Interval

    /// The pause before a refusal that may pass is answered with the same request.
    private static let retryPause = Duration.milliseconds(50)

    package init(_ cluster: ClusterClient, timeout: Interval = .seconds(30)) {
        self.cluster = cluster
        self.timeout = timeout
    }

    // MARK: Topics

    /// Makes a topic. Its leaders may be elected a moment later: see `waitForLeaders`.
    ///
    /// - Throws: `refused` with `topicAlreadyExists` among others, or what `ClusterClient.request` throws.
    package func createTopic(_ draft: TopicDraft, validateOnly: Bool = false) async throws(ClientError) {
        var topic = CreateTopicsRequest.CreatableTopic()
        topic.name = draft.name
        topic.numPartitions = draft.partitionCount ?? -1
        topic.replicationFactor = draft.replicationFactor ?? -1
        topic.configs = draft.settings.map { setting in
            var config = CreateTopicsRequest.CreatableTopicConfig()
            config.name = setting.name
            config.value = setting.value
            return config
        }
        var request = CreateTopicsRequest()
        request.topics = [topic]
        request.timeoutMs = Int32(clamping: self.timeout.milliseconds)
        request.validateOnly = validateOnly
        let final = request
        try await self.repeating("creating topic '\(draft.name)'") { () async throws(ClientError) in
            let answer = try await self.cluster.request(final, timeout: self.timeout).topics.first
            return (answer?.errorCode ?? .unknownServerError, answer?.errorMessage)
        }
    }

    /// - Throws: `refused` with `unknownTopicOrPartition` among others, or what `ClusterClient.request` throws.
    package func deleteTopic(_ name: String) async throws(ClientError) {
        var state = DeleteTopicsRequest.DeleteTopicState()
        state.name = name
        var request = DeleteTopicsRequest()
        request.topics = [state]
        request.topicNames = [name]
        request.timeoutMs = Int32(clamping: self.timeout.milliseconds)
        let final = request
        try await self.repeating("deleting topic '\(name)'") { () async throws(ClientError) in
            let answer = try await self.cluster.request(final, timeout: self.timeout).responses.first
            return (answer?.errorCode ?? .unknownServerError, answer?.errorMessage)
        }
    }

    /// What the cluster tells of these topics, or of all, by name. Those that do not exist are not in the answer.
    package func topics(_ names: [String]? = nil) async throws(ClientError) -> [TopicMetadata] {
        let snapshot = try await self.snapshot(names)
        for name in names ?? [] {
            if let code = snapshot.failures[name], code != .unknownTopicOrPartition, !code.isRetriable {
                throw .refused(code, nil, "describing topic '\(name)'")
            }
        }
        return snapshot.topics.values.sorted { $0.name < $1.name }
    }

    /// Waits until all partitions of a topic have leaders.
    ///
    /// - Throws: `timedOut`.
    package func waitForLeaders(of topic: String, partitionCount: Int) async throws(ClientError) {
        let deadline = ContinuousClock.now + .nanoseconds(self.timeout.nanoseconds)
        while true {
            let partitions = try await self.topics([topic]).first?.partitions ?? []
            if partitions.count == partitionCount, partitions.allSatisfy({ $0.leader >= 0 }) { return }
            guard ContinuousClock.now < deadline else {
                throw ClientError(.timedOut, "topic '\(topic)' has no leaders after \(self.timeout.milliseconds) ms")
            }
            await self.pause()
        }
    }

    // MARK: The cluster

    /// - Parameter includesFenced: brokers that are registered and serve nothing are told too, by brokers of 4.0 or later.
    package func describeCluster(includesFenced: Bool = false) async throws(ClientError) -> DescribedCluster {
        var message = DescribeClusterRequest()
        message.includeFencedBrokers = includesFenced
        let request = message
        let response = try await self.cluster.request(request, timeout: self.timeout)
        guard response.errorCode == .noError else {
            throw .refused(response.errorCode, response.errorMessage, "describing the cluster")
        }
        let brokers = response.brokers.map {
            BrokerEndpoint(node: $0.brokerId, host: $0.host, port: $0.port, rack: $0.rack)
        }
        return DescribedCluster(
            clusterID: response.clusterId, controllerID: response.controllerId,
            brokers: brokers.sorted { $0.node < $1.node },
            fenced: Set(response.brokers.filter(\.isFenced).map(\.brokerId)))
    }

    // MARK: Offsets

    /// Asks the leaders where positions lie, again and again while leaders are missing.
    ///
    /// - Throws: `refused`, or `timedOut` where a partition has no leader in time.
    package func listOffsets(
        _ positions: [TopicPartition: StartPosition], readsCommitted: Bool = false
    ) async throws(ClientError) -> [TopicPartition: ListedOffset] {
        let deadline = ContinuousClock.now + .nanoseconds(self.timeout.nanoseconds)
        var left = positions
        var found: [TopicPartition: ListedOffset] = [:]
        while true {
            let answers = await self.listOffsetsOnce(left, readsCommitted: readsCommitted)
            for (partition, answer) in answers {
                switch FetchDecision(answer.errorCode) {
                case .proceed:
                    found[partition] = ListedOffset(offset: answer.offset, timestamp: answer.timestamp)
                    left[partition] = nil
                case .retry, .findLeader: break
                case .reset, .fail: throw .refused(answer.errorCode, nil, "listing offsets of \(partition)")
                }
            }
            guard let missing = left.keys.min() else { return found }
            guard ContinuousClock.now < deadline else {
                throw ClientError(.timedOut, "no leader of \(missing) tells its offsets")
            }
            await self.pause()
        }
    }

    private func listOffsetsOnce(
        _ positions: [TopicPartition: StartPosition], readsCommitted: Bool
    ) async -> [TopicPartition: FoundOffset] {
        await withCheckedContinuation { continuation in
            let isAccepted = self.cluster.loop.execute {
                for topic in Set(positions.keys.map(\.topic)).sorted() { self.cluster.track(topic) }
                self.cluster.listOffsets(positions, readsCommitted: readsCommitted) {
                    continuation.resume(returning: $0)
                }
            }
            if !isAccepted { continuation.resume(returning: [:]) }
        }
    }

    // MARK: Asking again

    private func snapshot(_ names: [String]?) async throws(ClientError) -> MetadataSnapshot {
        var request = MetadataRequest()
        request.allowAutoTopicCreation = false
        request.topics = names.map { names in
            names.map { name in
                var topic = MetadataRequest.MetadataRequestTopic()
                topic.name = name
                return topic
            }
        }
        let response = try await self.cluster.request(request, timeout: self.timeout)
        var snapshot = MetadataSnapshot()
        snapshot.apply(response)
        return snapshot
    }

    func repeating(
        _ what: String, _ attempt: () async throws(ClientError) -> (ErrorCode, String?)
    ) async throws(ClientError) {
        let deadline = ContinuousClock.now + .nanoseconds(self.timeout.nanoseconds)
        while true {
            let (code, words) = try await attempt()
            if code == .noError { return }
            let mayPass = code == .notController || code == .leaderNotAvailable || code == .brokerNotAvailable
            guard mayPass, ContinuousClock.now < deadline else { throw .refused(code, words, what) }
            await self.pause()
        }
    }

    private func pause() async {
        do {
            try await Task.sleep(for: Self.retryPause)
        } catch {
            // A cancelled task asks again at once; the deadline ends that.
        }
    }
}
