import ApusCore
import ClusterMetadata
import EventLoop
import History
import KafkaClient
import KafkaRecords

/// A consumer that reads some partitions from some place on, again and again as somebody new.
final class ReadingClient: ConsumerHandler, @unchecked Sendable {
    // Unchecked: used by the thread that runs the world only.

    struct Habits {
        /// Reads from the replica in its own zone where there is one.
        var readsNearby: Bool
        var readsCommitted: Bool
        /// For so long it reads on before it begins anew; nil for ever.
        var life: Interval?
        /// It begins anew at random places, else at the beginning.
        var startsAnywhere: Bool
        var waitMax: Interval
    }

    private let client: SimulatedClient
    private let habits: Habits
    private let topics: [String]
    /// Exactly these, where no topics are given.
    private let partitions: [TopicPartition]
    private let scratch = CompressionScratch()
    private var random: SeededRandom
    private var cluster: ClusterClient?
    private var consumer: Consumer?
    private var process: ProcessID = 0
    private var lastEnd = Instant(nanoseconds: 0)
    /// The next offset of each partition.
    private(set) var positions: [TopicPartition: Offset] = [:]
    private(set) var isWinding = false
    private var isToBegin = false

    init(
        _ client: SimulatedClient, habits: Habits, topics: [String], partitions: [TopicPartition] = [],
        random: SeededRandom
    ) {
        self.client = client
        self.habits = habits
        self.topics = topics
        self.partitions = partitions
        self.random = random
    }

    private var stage: Stage { self.client.stage }

    func begin() {
        self.client.run { self.beginAnew() }
    }

    func windDown() {
        self.isWinding = true
        self.client.run {
            self.consumer?.close()
            self.consumer = nil
        }
    }

    private func beginAnew() {
        self.beginReading()
        guard !self.isWinding, let life = self.habits.life else { return }
        let time = Interval(nanoseconds: Int64.random(in: 1...(2 * life.nanoseconds), using: &self.random))
        _ = self.client.loop.schedule(after: time) { [weak self] in self?.beginAnew() }
    }

    private func beginReading() {
        self.consumer?.close()
        self.cluster?.close()
        guard !self.isWinding else { return }
        var configuration = ConsumerConfiguration()
        configuration.rack = self.habits.readsNearby ? self.client.machine.zone : ""
        configuration.readsCommitted = self.habits.readsCommitted
        configuration.waitMax = self.habits.waitMax
        let cluster = self.client.makeCluster()
        let consumer = Consumer(configuration, cluster: cluster, handler: self)
        self.cluster = cluster
        self.consumer = consumer
        self.process = self.stage.makeProcess()
        self.lastEnd = self.stage.world.now
        self.positions = [:]
        var starts: [TopicPartition: StartPosition] = [:]
        for key in self.partitions { starts[key] = .earliest }
        for name in self.topics {
            for key in self.stage.topic(name)?.partitions ?? [] { starts[key] = self.chooseStart(key) }
        }
        self.stage.record(self.process, from: self.lastEnd, .ok, .assign(starts.keys.sorted()))
        consumer.assign(starts)
    }

    /// An application that is told of damage, or refused, tries again.
    private func beginAnewSoon() {
        guard !self.topics.isEmpty, !self.isToBegin else { return }
        self.isToBegin = true
        _ = self.client.loop.schedule(after: .milliseconds(100)) { [weak self] in
            guard let self else { return }
            self.isToBegin = false
            // A life of its own has an end of its own.
            self.beginReading()
        }
    }

    private func chooseStart(_ key: TopicPartition) -> StartPosition {
        guard self.habits.startsAnywhere, Bool.random(using: &self.random) else { return .earliest }
        if Int.random(in: 0..<4, using: &self.random) == 0 { return .latest }
        guard let topic = self.stage.watch.memory.metadata.topic(named: key.topic) else { return .earliest }
        let end = self.stage.watch.memory.committedEnd(TopicIDPartition(topicID: topic.id, partition: key.partition))
        return .offset(Offset(Int64.random(in: 0...max(0, end.rawValue), using: &self.random)))
    }

    // MARK: - ConsumerHandler

    func received(_ fetched: FetchedBatch) {
        let key = TopicPartition(topic: fetched.topic, partition: fetched.partition)
        let id = self.id(key)
        if self.stage.watch.memory.metadata.partition(key)?.leader != fetched.node { self.stage.noteNearbyRead() }
        if let id {
            self.stage.watch.tell(
                .served(
                    ServedBatch(
                        partition: id, batch: BatchDigest(fetched.batch), highWatermark: fetched.highWatermark)))
        }
        guard let all = StoredRecord.reads(fetched.batch, scratch: self.scratch) else {
            self.stage.watch.report(
                Violation(
                    .servedCommitted, "\(key) served a batch at \(fetched.batch.header.baseOffset) that nobody wrote"))
            return
        }
        let reads = all.filter { $0.offset >= fetched.firstOffset }
        self.stage.record(
            self.process, from: self.lastEnd, .ok,
            .steps([.poll(PolledReads(key: key, reads: reads, highWatermark: fetched.highWatermark))]))
        self.lastEnd = self.stage.world.now
        self.positions[key] = max(self.positions[key] ?? 0, fetched.batch.header.nextOffset)
    }

    func noticed(_ event: ConsumerEvent, topic: String, partition: PartitionIndex) {
        let key = TopicPartition(topic: topic, partition: partition)
        switch event {
        case .began(let offset):
            if let id = self.id(key) { self.stage.watch.tell(.located(id, at: offset)) }
        case .reachedEnd(let offset):
            self.positions[key] = max(self.positions[key] ?? 0, offset)
        case .reset, .outOfRange, .truncated:
            self.stage.record(self.process, from: self.stage.world.now, .ok, .seek([key]))
            self.checkLoss(event, key)
        case .failed(let error):
            self.stage.world.note(.client, host: self.client.host.number, "reading \(key) ended: \(error)")
            self.beginAnewSoon()
        }
    }

    /// A reader stands behind what was committed: it is never told that this is gone.
    private func checkLoss(_ event: ConsumerEvent, _ key: TopicPartition) {
        guard let id = self.id(key), self.stage.watch.memory.committed[id] != nil,
            !self.stage.doomed.contains(key.topic), self.positions[key] != nil || self.knowsLeader(of: key)
        else { return }
        self.stage.watch.report(Violation(.servedCommitted, "a reader of \(key) was told \(event)"))
    }

    /// Whether the reader knows of the newest leader. Who was sent to an offset without a word about its epoch may ask
    /// one that was deposed, and does not know of what came after it.
    private func knowsLeader(of key: TopicPartition) -> Bool {
        guard let known = self.cluster?.metadata.partition(key.topic, key.partition)?.leaderEpoch,
            let state = self.stage.watch.memory.metadata.partition(key)
        else { return false }
        return known >= state.leaderEpoch
    }

    private func id(_ key: TopicPartition) -> TopicIDPartition? {
        guard let id = self.cluster?.metadata.topics[key.topic]?.id, id != .zero else { return nil }
        return TopicIDPartition(topicID: id, partition: key.partition)
    }
}
