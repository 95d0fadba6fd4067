import ApusCore
import EventLoop
import History
import KafkaClient
import Synchronization

/// Some things that are to end; from any thread.
final class Countdown: Sendable {
    private let left: Atomic<Int>

    init(_ count: Int) {
        self.left = Atomic(count)
    }

    func one() { self.left.subtract(1, ordering: .releasing) }

    var isDone: Bool { self.left.load(ordering: .acquiring) <= 0 }
}

/// All clients of one run, on one thread of their own.
final class WorkloadClients {
    let record: RunRecord
    let sampler: ClusterSampler
    private let scenario: Scenario
    private let runtime: ClientRuntime
    private let configuration: ClientConfiguration
    private var producers: [WorkloadProducer] = []
    private var consumers: [WorkloadConsumer] = []
    private var storms: [Int: [WorkloadProducer]] = [:]
    private var finished: [WorkloadProducer] = []
    private var nextProducer = 1

    init(_ scenario: Scenario, bootstrapServers: String) throws(ClientError) {
        self.scenario = scenario
        self.record = RunRecord(Self.partitions(scenario.topics))
        self.runtime = try ClientRuntime()
        var configuration = ClientConfiguration(bootstrapServers: try BootstrapServer.list(bootstrapServers))
        configuration.clientID = "chaos"
        self.configuration = configuration
        var sampling = configuration
        sampling.clientID = "chaos-sampler"
        sampling.requestTimeout = .milliseconds(500)
        self.sampler = ClusterSampler(
            cluster: ClusterClient(sampling, runtime: self.runtime), record: self.record)
    }

    static func partitions(_ topics: [TopicPlan]) -> [TopicPartition] {
        topics.flatMap { topic in
            (0..<topic.partitionCount).map {
                TopicPartition(topic: topic.name, partition: PartitionIndex(Int32($0)))
            }
        }
    }

    private func makeCluster() -> ClusterClient { ClusterClient(self.configuration, runtime: self.runtime) }

    // MARK: Phases

    func createTopics(_ interruption: Interruption) throws(ChaosError) {
        let cluster = self.makeCluster()
        defer { cluster.close() }
        let topics = self.scenario.topics
        let done = Countdown(1)
        let failure = SharedFailure()
        Task.detached {
            do throws(ClientError) {
                let admin = Admin(cluster)
                for topic in topics {
                    var draft = TopicDraft(
                        topic.name, partitionCount: Int32(topic.partitionCount),
                        replicationFactor: Int16(topic.replicationFactor))
                    draft.settings = topic.settings.map { .init(name: $0.name, value: $0.value) }
                    try await admin.createTopic(draft)
                    try await admin.waitForLeaders(of: topic.name, partitionCount: topic.partitionCount)
                }
            } catch {
                failure.set(error)
            }
            done.one()
        }
        guard try interruption.wait(seconds: 60, until: { done.isDone }) else {
            throw ChaosError(.client, "the topics could not be made within 60 s")
        }
        if let error = failure.error { throw ChaosError(.client, error.message) }
    }

    func start() throws(ChaosError) {
        self.producers = try self.makeProducers(self.scenario.workload.producers)
        for producer in self.producers { producer.start() }
        for _ in 0..<self.scenario.workload.consumerCount {
            let consumer = WorkloadConsumer(cluster: self.makeCluster(), record: self.record, isFinal: false)
            self.consumers.append(consumer)
            consumer.start()
        }
    }

    private func makeProducers(_ plan: ProducerPlan) throws(ChaosError) -> [WorkloadProducer] {
        var producers: [WorkloadProducer] = []
        do throws(ClientError) {
            for _ in 0..<plan.count {
                producers.append(
                    try WorkloadProducer(
                        plan, number: self.nextProducer, cluster: self.makeCluster(), record: self.record))
                self.nextProducer += 1
            }
        } catch {
            throw ChaosError(.client, error.message)
        }
        return producers
    }

    /// Begins a storm of more producers, or ends it where there is no plan.
    func storm(_ number: Int, _ plan: (producers: Int, rate: Int)?) throws(ChaosError) {
        if let plan {
            var more = self.scenario.workload.producers
            more.count = plan.producers
            more.rate = plan.rate
            let producers = try self.makeProducers(more)
            self.storms[number] = producers
            for producer in producers { producer.start() }
        } else {
            let producers = self.storms.removeValue(forKey: number) ?? []
            for producer in producers { producer.finish {} }
            self.finished += producers
        }
    }

    /// Ends writing; the countdown ends when nothing is under way any more.
    func finishProducers() -> Countdown {
        self.producers += self.finished + self.storms.values.flatMap(\.self)
        self.finished = []
        self.storms = [:]
        let countdown = Countdown(self.producers.count)
        for producer in self.producers { producer.finish { countdown.one() } }
        return countdown
    }

    func closeProducers() {
        for producer in self.producers { producer.close() }
        self.producers = []
    }

    /// Reads all partitions with a client of its own.
    func readEverything() -> Countdown {
        for consumer in self.consumers { consumer.close() }
        self.consumers = []
        let countdown = Countdown(1)
        let reader = WorkloadConsumer(cluster: self.makeCluster(), record: self.record, isFinal: true)
        self.consumers.append(reader)
        reader.start { error in
            // One that failed has said so; the countdown then never ends.
            if error == nil { countdown.one() }
        }
        return countdown
    }

    func stop() {
        self.closeProducers()
        for consumer in self.consumers { consumer.close() }
        self.sampler.stop()
        self.runtime.stop()
    }
}

/// An error that another thread met.
private final class SharedFailure: Sendable {
    private let slot = Mutex<ClientError?>(nil)

    func set(_ error: ClientError) { self.slot.withLock { $0 = error } }

    var error: ClientError? { self.slot.withLock { $0 } }
}
