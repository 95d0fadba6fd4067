import ApusCore
import EventLoop
import KafkaPrimitives
import KafkaProtocol
import Networking

/// One connection to any broker that answers, for questions that every broker can answer. When it is lost the next
/// broker is tried at once; after a round without success there is a short wait. Only on the loop.
///
/// Transitions: idle (`ask`) -> trying -> open -> trying (lost) ... -> closed (`close`).
final class QuestionChannel: RequestChannelObserver {
    private struct Job {
        let deadline: Instant
        let attempt: (RequestChannel) -> Void
        let fail: (ClientError) -> Void
    }

    private unowned let cluster: ClusterClient
    private var channel: RequestChannel?
    private var waiting: [Job] = []
    private var candidates: [BrokerEndpoint] = []
    private var current: BrokerEndpoint?
    private var order = QuestionOrder()
    private var nextCandidate = 0
    private var retry: TimerID?
    private var expiry: TimerID?
    private var lastReason: CloseReason?
    private var isClosed = false

    /// More questions than this wait for a connection at most.
    private static let waitingMax = 1000
    private static let roundPause = Interval.milliseconds(50)
    /// Connecting to one broker takes so long at most, where another may answer.
    private static let connectMax = Interval.milliseconds(1000)

    init(cluster: ClusterClient) {
        self.cluster = cluster
    }

    /// Asks until there is an answer or the deadline has come. A question whose answer was lost is asked again.
    ///
    /// - Parameter attemptTimeout: a broker that has not answered for so long is left for the next one.
    func ask<Message: KafkaRequest>(
        _ message: Message, newest: Int16 = Message.validVersions.upperBound, deadline: Instant,
        attemptTimeout: Interval, completion: @escaping (Result<Message.Response, ClientError>) -> Void
    ) {
        let attempt = { [weak self] (channel: RequestChannel) in
            channel.send(message, newest: newest, timeout: attemptTimeout) { result in
                switch result {
                case .success(let response): completion(.success(response))
                case .failure(.disconnected):
                    guard let self else { return completion(.failure(ClientError(.closed, "the client was closed"))) }
                    self.ask(
                        message, newest: newest, deadline: deadline, attemptTimeout: attemptTimeout,
                        completion: completion)
                case .failure(.unsupported(let key)):
                    completion(.failure(ClientError(.unsupported, "the broker does not serve \(key)")))
                case .failure(.malformedAnswer(let error)):
                    completion(.failure(ClientError(.malformed, "an answer cannot be read: \(error)")))
                }
            }
        }
        self.begin(Job(deadline: deadline, attempt: attempt) { completion(.failure($0)) })
    }

    func close() {
        self.isClosed = true
        for timer in [self.retry, self.expiry].compactMap(\.self) { self.cluster.loop.cancel(timer) }
        self.channel?.close()
        self.channel = nil
        let waiting = self.waiting
        self.waiting = []
        for job in waiting { job.fail(ClientError(.closed, "the client was closed")) }
    }

    private func begin(_ job: Job) {
        if self.isClosed { return job.fail(ClientError(.closed, "the client was closed")) }
        if self.cluster.loop.now >= job.deadline || self.waiting.count >= Self.waitingMax {
            return job.fail(self.timedOut)
        }
        if let channel = self.channel, channel.isOpen { return job.attempt(channel) }
        self.waiting.append(job)
        if self.channel == nil, self.retry == nil { self.tryNext() }
        self.scheduleExpiry()
    }

    private var timedOut: ClientError {
        let servers = self.cluster.configuration.bootstrapServers.map(\.description).joined(separator: ", ")
        let reason = self.lastReason.map { ": \($0)" } ?? ""
        return ClientError(.timedOut, "no broker of \(servers) answers\(reason)")
    }

    private func scheduleExpiry() {
        guard self.expiry == nil, let next = self.waiting.map(\.deadline).min(), next < .distantFuture else { return }
        self.expiry = self.cluster.loop.schedule(at: next) { [weak self] in
            guard let self else { return }
            self.expiry = nil
            let now = self.cluster.loop.now
            let expired = self.waiting.filter { $0.deadline <= now }
            self.waiting.removeAll { $0.deadline <= now }
            for job in expired { job.fail(self.timedOut) }
            self.scheduleExpiry()
        }
    }

    private func tryNext() {
        guard !self.isClosed else { return }
        if self.nextCandidate >= self.candidates.count {
            self.candidates = self.currentCandidates()
            self.nextCandidate = 0
        }
        let candidate = self.candidates[self.nextCandidate]
        self.current = candidate
        self.nextCandidate += 1
        self.channel = self.cluster.makeChannel(
            to: candidate.node, host: candidate.host, port: candidate.port,
            backoff: ReconnectBackoff(initial: .seconds(3600), maximum: .seconds(3600)), observer: self)
        guard let channel = self.channel else { return self.scheduleRetry() }
        channel.open()
        _ = self.cluster.loop.schedule(after: Self.connectMax) { [weak self, weak channel] in
            guard let self, let channel, self.channel === channel, !channel.isOpen else { return }
            channel.reset("no connection within \(Self.connectMax.milliseconds) ms")
        }
    }

    /// Known brokers in random order, then the bootstrap servers.
    private func currentCandidates() -> [BrokerEndpoint] {
        var random = SeededRandom(seed: self.cluster.nextSeed())
        let brokers = self.cluster.metadata.brokers.values.sorted { $0.node < $1.node }.shuffled(using: &random)
        let bootstrap = self.cluster.configuration.bootstrapServers.enumerated().map { index, server in
            BrokerEndpoint(node: NodeID(Int32(-2 - index)), host: server.host, port: Int32(server.port))
        }
        return self.order.sorted(brokers) + bootstrap
    }

    /// Requests to these brokers are late: another one is asked, where it is one of them that is asked now.
    func areLate(_ nodes: Set<NodeID>) {
        guard let channel = self.channel,
            self.order.areLate(
                nodes, asking: self.current, among: self.cluster.metadata.brokers, now: self.cluster.loop.now)
        else { return }
        self.candidates = []
        channel.reset("it is late with other requests")
    }

    private func scheduleRetry() {
        guard self.retry == nil else { return }
        // Nobody waits for the next broker as long as others of this round are left.
        let wait = self.nextCandidate < self.candidates.count ? Interval.zero : Self.roundPause
        self.retry = self.cluster.loop.schedule(after: wait) { [weak self] in
            self?.retry = nil
            self?.tryNext()
        }
    }

    func channelOpened(_ channel: RequestChannel) {
        guard channel === self.channel else { return }
        self.candidates = []
        self.nextCandidate = 0
        let waiting = self.waiting
        self.waiting = []
        for job in waiting { self.begin(job) }
    }

    func channelClosed(_ channel: RequestChannel, reason: CloseReason) {
        guard channel === self.channel else { return }
        self.lastReason = reason
        self.channel = nil
        channel.close()
        if !self.waiting.isEmpty { self.scheduleRetry() }
    }
}
