import ApusCore
import EventLoop
import KafkaClient
import KafkaProtocol

/// Asks the cluster again and again who leads and controls, and keeps the answers together with what the workload did
/// since. Begins by itself once started; on the clients' loop.
final class ClusterSampler: @unchecked Sendable {
    // Unchecked: what changes is touched on the loop only.
    private let record: RunRecord
    private let cluster: ClusterClient
    private let loop: EventLoop
    private var isStopped = false
    private var began: Instant?
    private var runningNodes: [Int] = []
    private var seen = (acknowledged: 0, bytes: 0, received: 0)
    private var lastSample = Instant(nanoseconds: 0)
    private var controller: (node: Int, at: Instant)?

    private static let interval = Interval.milliseconds(50)
    private static let sampleInterval = Interval.milliseconds(100)
    /// An answer that is older is not shown: nobody tells any more.
    private static let ageMax = Interval.milliseconds(600)
    private static let quorumTopic = "__cluster_metadata"

    init(cluster: ClusterClient, record: RunRecord) {
        self.cluster = cluster
        self.record = record
        self.loop = cluster.loop
    }

    /// Asks from now on.
    func start() {
        self.loop.execute {
            self.askMetadata()
            self.askQuorum()
        }
    }

    /// Keeps samples from now on; the first is at zero.
    func begin(at moment: Instant) {
        self.loop.execute {
            self.began = moment
            self.sample()
        }
    }

    /// Nodes whose process runs, as the next samples tell.
    func tell(running: [Int]) {
        self.loop.execute { self.runningNodes = running }
    }

    func stop() {
        self.loop.execute {
            self.isStopped = true
            self.cluster.close()
        }
    }

    private func askMetadata() {
        guard !self.isStopped else { return }
        var request = MetadataRequest()
        request.allowAutoTopicCreation = false
        request.topics = Set(self.record.partitions.map(\.topic)).sorted().map { name in
            var topic = MetadataRequest.MetadataRequestTopic()
            topic.name = name
            return topic
        }
        self.cluster.ask(request, of: .anyBroker, deadline: self.loop.now + .seconds(2)) { [weak self] result in
            guard let self else { return }
            if case .success(let response) = result { self.take(response) }
            _ = self.loop.schedule(after: Self.interval) { [weak self] in self?.askMetadata() }
        }
    }

    private func askQuorum() {
        guard !self.isStopped else { return }
        var partition = DescribeQuorumRequest.PartitionData()
        partition.partitionIndex = 0
        var topic = DescribeQuorumRequest.TopicData()
        topic.topicName = Self.quorumTopic
        topic.partitions = [partition]
        var request = DescribeQuorumRequest()
        request.topics = [topic]
        self.cluster.ask(request, of: .anyBroker, deadline: self.loop.now + .seconds(2)) { [weak self] result in
            guard let self else { return }
            if case .success(let response) = result,
                let answer = response.topics.first?.partitions.first, answer.errorCode == .noError,
                answer.leaderId >= 0
            {
                self.controller = (Int(answer.leaderId.rawValue), self.loop.now)
            }
            _ = self.loop.schedule(after: Self.interval) { [weak self] in self?.askQuorum() }
        }
    }

    private func take(_ response: MetadataResponse) {
        var view = ClusterView(
            at: self.loop.now, controller: self.knownController,
            leaders: Array(repeating: -1, count: self.record.partitions.count),
            inSync: Array(repeating: [], count: self.record.partitions.count),
            replicas: Array(repeating: [], count: self.record.partitions.count),
            brokers: response.brokers.map { Int($0.nodeId.rawValue) }.sorted())
        for topic in response.topics {
            for partition in topic.partitions {
                let key = TopicPartition(topic: topic.name ?? "", partition: partition.partitionIndex)
                guard let place = self.record.places[key] else { continue }
                view.leaders[place] = Int(partition.leaderId.rawValue)
                view.inSync[place] = partition.isrNodes.map { Int($0.rawValue) }
                view.replicas[place] = partition.replicaNodes.map { Int($0.rawValue) }
            }
        }
        self.record.change { [view] in $0.view = view }
    }

    private var knownController: Int? {
        guard let controller = self.controller, self.loop.now - controller.at <= Self.ageMax else { return nil }
        return controller.node
    }

    private func sample() {
        guard !self.isStopped, let began = self.began else { return }
        let now = self.loop.now
        let running = self.runningNodes
        let controller = self.knownController
        let seen = self.seen
        self.seen = self.record.change { contents in
            let totals = contents.totals
            let view = contents.view.flatMap { now - $0.at <= Self.ageMax ? $0 : nil }
            contents.samples.append(
                Sample(
                    at: (now - began).seconds, controller: controller, leaders: view?.leaders ?? [],
                    inSync: view?.inSync.map(\.count) ?? [], running: running,
                    acknowledged: totals.acknowledged - seen.acknowledged,
                    acknowledgedBytes: contents.acknowledgedBytes - seen.bytes,
                    received: totals.received - seen.received))
            return (totals.acknowledged, contents.acknowledgedBytes, totals.received)
        }
        _ = self.loop.schedule(after: Self.sampleInterval) { [weak self] in self?.sample() }
    }
}
