import ApusCore
import EventLoop
import History
import KafkaClient
import KafkaPrimitives
import KafkaRecords

/// A producer that writes to the partitions of some topics, now and then, and notes what becomes of it.
///
/// Each partition is a process of the history: its batches are stored one after the other. A batch is one operation.
final class WritingClient: ProducerHandler, @unchecked Sendable {
    // Unchecked: used by the thread that runs the world only.

    /// How a client of this kind behaves.
    struct Habits {
        var discipline: StageTopic.Discipline
        var compression = CompressionSetting(.none)
        /// The mean pause between two appends.
        var pause: Interval
        /// Records of one append, at most.
        var burstMax: Int
        /// Bytes that fill a record, at most.
        var fillMax: Int
        var linger: Interval
        var deliveryTimeout: Interval
    }

    private struct Pending {
        var value: WrittenValue
        var began: Instant
    }

    private let client: SimulatedClient
    private let habits: Habits
    private let topics: [String]
    private var random: SeededRandom
    private var cluster: ClusterClient?
    private var producer: Producer?
    private var processes: [TopicPartition: ProcessID] = [:]
    private var pending: [TopicPartition: [Pending]] = [:]
    private var isWinding = false
    private var life = 0

    /// Records of a partition that wait at most.
    private static let pendingMax = 100

    init(_ client: SimulatedClient, habits: Habits, topics: [String], random: SeededRandom) {
        self.client = client
        self.habits = habits
        self.topics = topics
        self.random = random
    }

    private var stage: Stage { self.client.stage }

    func begin() {
        self.life += 1
        let life = self.life
        self.client.run {
            guard life == self.life else { return }
            var configuration = ProducerConfiguration()
            configuration.acknowledgement = self.habits.discipline.acknowledgement
            configuration.isIdempotent = self.habits.discipline == .idempotent
            configuration.compression = self.habits.compression
            configuration.linger = self.habits.linger
            configuration.deliveryTimeout = self.habits.deliveryTimeout
            configuration.acknowledgementTimeout = .seconds(3)
            let cluster = self.client.makeCluster()
            do throws(ClientError) {
                let producer = try Producer(configuration, cluster: cluster, handler: self)
                self.cluster = cluster
                self.producer = producer
                producer.start()
                self.schedule(life)
            } catch {
                preconditionFailure("a producer that contradicts itself: \(error)")
            }
        }
    }

    func windDown() { self.isWinding = true }

    var isQuiet: Bool { self.pending.isEmpty }

    /// The client dies with what it has under way, and a new one goes on. Not within a turn.
    func restart() {
        self.life += 1
        self.abandon()
        self.producer = nil
        self.cluster = nil
        self.client.restart()
        if !self.isWinding { self.begin() }
    }

    /// What is under way ends unknown.
    func abandon() {
        for key in self.pending.keys.sorted() {
            guard let process = self.processes[key] else { continue }
            for entry in self.pending[key] ?? [] {
                // Which of them were sent together is not known any more: each is by itself.
                self.stage.record(
                    process, from: entry.began, to: .distantFuture, .info,
                    .steps([.send(SentValue(key: key, value: entry.value))]))
            }
        }
        self.pending = [:]
        self.processes = [:]
    }

    private func schedule(_ life: Int) {
        let mean = Double(self.habits.pause.nanoseconds)
        let pause = Interval(nanoseconds: Int64(Double.random(in: 0...(2 * mean), using: &self.random)) + 1)
        _ = self.client.loop.schedule(after: pause) { [weak self] in
            guard let self, self.life == life, !self.isWinding else { return }
            self.write()
            self.schedule(life)
        }
    }

    private func write() {
        guard let producer = self.producer, let key = self.choosePartition() else { return }
        guard self.pending[key]?.count ?? 0 < Self.pendingMax else { return }
        if self.processes[key] == nil { self.processes[key] = self.stage.makeProcess() }
        let partition = producer.partition(key.topic, key.partition)
        let timestamp = self.client.loop.clock.wall
        for _ in 0..<Int.random(in: 1...self.habits.burstMax, using: &self.random) {
            let value = self.stage.makeValue()
            let size = Int.random(in: 0...self.habits.fillMax, using: &self.random)
            let isTaken = StoredRecord.withBytes(of: value, filling: size) {
                producer.append(to: partition, timestamp: timestamp, key: nil, value: $0)
            }
            guard isTaken else { return }
            self.pending[key, default: []].append(Pending(value: value, began: self.stage.world.now))
        }
    }

    private func choosePartition() -> TopicPartition? {
        guard let name = self.topics.randomElement(using: &self.random), let topic = self.stage.topic(name) else {
            return nil
        }
        return topic.partitions.randomElement(using: &self.random)
    }

    // MARK: - ProducerHandler

    func delivered(_ delivery: Delivery) {
        let key = TopicPartition(topic: delivery.topic, partition: delivery.partition)
        guard let process = self.processes[key], let first = self.pending[key]?.first else { return }
        let ended = (self.pending[key] ?? []).prefix(delivery.recordCount)
        var baseOffset = Offset.unknown
        let outcome: OperationOutcome
        switch delivery.outcome {
        case .stored(let offset) where self.habits.discipline.isDurable:
            outcome = .ok
            baseOffset = offset
            self.acknowledge(delivery, at: offset)
        // The leader alone, or nobody, has promised anything.
        case .stored, .unknown: outcome = .info
        case .refused: outcome = .fail
        }
        let steps = ended.enumerated().map { index, entry in
            ClientStep.send(
                SentValue(key: key, value: entry.value, offset: baseOffset >= 0 ? baseOffset + Int64(index) : nil))
        }
        self.stage.record(process, from: first.began, outcome, .steps(steps))
        self.pending[key]?.removeFirst(ended.count)
        if self.pending[key]?.isEmpty ?? false { self.pending[key] = nil }
    }

    private func acknowledge(_ delivery: Delivery, at offset: Offset) {
        guard offset >= 0, let id = self.cluster?.metadata.topics[delivery.topic]?.id, id != .zero else { return }
        self.stage.watch.tell(
            .acknowledged(
                Acknowledgement(
                    partition: TopicIDPartition(topicID: id, partition: delivery.partition), baseOffset: offset,
                    recordCount: delivery.recordCount)))
    }

    func producerHasRoom() {}
}
