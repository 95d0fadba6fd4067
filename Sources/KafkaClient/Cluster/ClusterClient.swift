package import ApusCore
package import EventLoop
import KafkaProtocol
package import Networking

/// Is told when a cluster's leaders or connections have changed. Calls come on the loop.
package protocol ClusterObserver: AnyObject {
    func clusterChanged()
}

/// One cluster as one producer or consumer sees it: what is known of it, a connection to each broker in use, and one
/// connection to any broker for questions, so that no question waits behind produced or fetched records.
///
/// Lives on one loop; only `request` and `close` may be called from elsewhere.
package final class ClusterClient: @unchecked Sendable {
    // Unchecked: everything is touched on the loop only; the entry points for other threads hop there.
    package let configuration: ClientConfiguration
    package let loop: EventLoop
    private let network: Network
    package internal(set) var metadata = MetadataSnapshot()
    private var tracked: [String] = []
    private weak var observer: (any ClusterObserver)?
    private var channels: [NodeID: BrokerChannel] = [:]
    private var question: QuestionChannel?
    private var refresh = RefreshState()
    private var seed: UInt64
    package private(set) var isClosed = false

    private struct BrokerChannel {
        var endpoint: BrokerEndpoint
        var channel: RequestChannel
    }

    private struct RefreshState {
        var isUnderWay = false
        var isWantedAgain = false
        var timer: TimerID?
        var ageTimer: TimerID?
        var last: Instant?
        var since: Instant?
    }

    /// Questions for leaders come at the fast pace for so long, then at the slow one.
    private static let fastRefreshMax = Interval.seconds(5)
    private static let slowRefresh = Interval.milliseconds(100)
    /// A broker that does not tell leaders for so long is left for the next one.
    private static let metadataTimeout = Interval.milliseconds(1000)

    package init(_ configuration: ClientConfiguration, runtime: ClientRuntime) {
        self.configuration = configuration
        self.network = runtime.network
        self.loop = runtime.loop
        self.seed = runtime.nextSeed()
    }

    package func observe(_ observer: any ClusterObserver) {
        self.loop.assertInEventLoop()
        self.observer = observer
    }

    /// Keeps the leaders of `topic` known from now on.
    package func track(_ topic: String) {
        self.loop.assertInEventLoop()
        guard !self.tracked.contains(topic) else { return }
        self.tracked.append(topic)
        self.requestRefresh()
    }

    /// Ends all connections; what is under way fails. From any thread.
    package func close() {
        self.loop.execute {
            guard !self.isClosed else { return }
            self.isClosed = true
            for timer in [self.refresh.timer, self.refresh.ageTimer].compactMap(\.self) { self.loop.cancel(timer) }
            for node in self.channels.keys.sorted() { self.channels[node]?.channel.close() }
            self.channels = [:]
            self.question?.close()
        }
    }

    // MARK: Connections

    /// The open connection to a broker; nil while there is none, and then one is being made where the broker is known.
    package func channel(to node: NodeID) -> RequestChannel? {
        self.loop.assertInEventLoop()
        if let entry = self.channels[node] { return entry.channel.isOpen ? entry.channel : nil }
        guard !self.isClosed, let endpoint = self.metadata.brokers[node] else { return nil }
        let channel = self.makeChannel(
            to: node, host: endpoint.host, port: endpoint.port, backoff: self.configuration.reconnectBackoff,
            observer: self)
        guard let channel else { return nil }
        self.channels[node] = BrokerChannel(endpoint: endpoint, channel: channel)
        channel.open()
        return nil
    }

    /// A seed that no other part of this client was given.
    func nextSeed() -> UInt64 {
        self.seed &+= 1
        return self.seed
    }

    func makeChannel(
        to node: NodeID, host: String, port: Int32, backoff: ReconnectBackoff, observer: any RequestChannelObserver
    ) -> RequestChannel? {
        guard let port = UInt16(exactly: port), port > 0 else { return nil }
        var outgoing = OutgoingConfiguration(host: host, port: port)
        outgoing.tls = self.configuration.tls
        return RequestChannel(
            to: node, outgoing, network: self.network, loop: self.loop, clientID: self.configuration.clientID,
            backoff: backoff, seed: self.nextSeed(), observer: observer)
    }

    private func dropMovedBrokers() {
        for (node, entry) in self.channels.sorted(by: { $0.key < $1.key }) {
            let current = self.metadata.brokers[node]
            let hasMoved = current.map { $0.host != entry.endpoint.host || $0.port != entry.endpoint.port }
            if hasMoved ?? !entry.channel.isOpen {
                self.channels[node] = nil
                entry.channel.close()
            }
        }
    }

    /// The connection for questions. Made on first use.
    var questions: QuestionChannel {
        if let question = self.question { return question }
        let question = QuestionChannel(cluster: self)
        self.question = question
        return question
    }

    // MARK: What the cluster looks like

    /// Takes hints of a refusal in; whoever waits for a leader is told.
    package func learn(_ endpoints: [BrokerEndpoint]) {
        for endpoint in endpoints { self.metadata.learn(endpoint) }
    }

    /// Takes a hint about a leader in. Returns whether it was news.
    package func learn(
        leader: NodeID, epoch: LeaderEpoch, of topic: String, _ partition: PartitionIndex
    ) -> Bool {
        self.metadata.learn(leader: leader, epoch: epoch, of: topic, partition)
    }

    /// Asks for the tracked topics' leaders soon: at once, or when the last question is long enough ago.
    package func requestRefresh() {
        self.loop.assertInEventLoop()
        guard !self.isClosed, self.refresh.timer == nil else { return }
        if self.refresh.isUnderWay {
            self.refresh.isWantedAgain = true
            return
        }
        let now = self.loop.now
        let last = self.refresh.last
        if self.refresh.since == nil || last.map({ now - $0 > .seconds(1) }) ?? true { self.refresh.since = now }
        let isSlow = self.refresh.since.map { now - $0 > Self.fastRefreshMax } ?? false
        let due = last.map { $0 + (isSlow ? Self.slowRefresh : self.configuration.refreshBackoff) } ?? now
        if due <= now {
            self.refreshNow()
        } else {
            self.refresh.timer = self.loop.schedule(at: due) { [weak self] in
                self?.refresh.timer = nil
                self?.refreshNow()
            }
        }
    }

    private func refreshNow() {
        guard !self.isClosed else { return }
        self.refresh.isUnderWay = true
        self.refresh.isWantedAgain = false
        var request = MetadataRequest()
        request.allowAutoTopicCreation = false
        request.topics = self.tracked.map { name in
            var topic = MetadataRequest.MetadataRequestTopic()
            topic.name = name
            return topic
        }
        self.questions.ask(request, deadline: .distantFuture, attemptTimeout: Self.metadataTimeout) {
            [weak self] result in
            self?.refreshed(result)
        }
    }

    private func refreshed(_ result: Result<MetadataResponse, ClientError>) {
        guard !self.isClosed else { return }
        self.refresh.isUnderWay = false
        self.refresh.last = self.loop.now
        if let timer = self.refresh.ageTimer { self.loop.cancel(timer) }
        self.refresh.ageTimer = self.loop.schedule(after: self.configuration.metadataMaxAge) { [weak self] in
            self?.refresh.ageTimer = nil
            self?.requestRefresh()
        }
        switch result {
        case .success(let response):
            self.metadata.apply(response)
            self.dropMovedBrokers()
        case .failure:
            self.refresh.isWantedAgain = true
        }
        let isWantedAgain = self.refresh.isWantedAgain
        self.observer?.clusterChanged()
        if isWantedAgain { self.requestRefresh() }
    }
}

extension ClusterClient: RequestChannelObserver {
    package func channelOpened(_ channel: RequestChannel) {
        self.observer?.clusterChanged()
    }

    package func channelClosed(_ channel: RequestChannel, reason: CloseReason) {
        guard !self.isClosed else { return }
        self.requestRefresh()
        self.observer?.clusterChanged()
    }
}
