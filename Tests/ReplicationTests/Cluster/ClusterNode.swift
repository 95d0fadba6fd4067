import ApusCore
import Replication

/// What a node did in one event, for the simulation to carry on.
struct NodeOutput {
    enum Timer {
        case fetchTimeout(leader: Int, correlation: Int)
        case fetcherWakeUp(leader: Int)
        case fetchWaitEnd(FetchWaiterID)
        case sendProposal(partition: Int, ISRProposal)
        case alterTimeout(partition: Int, ISRProposalID)
    }

    var messages: [ClusterMessage] = []
    var timers: [(at: Instant, timer: Timer)] = []
    var completions: [ProduceCompletion] = []
    /// Partitions whose high watermark moved.
    var advanced: [Int] = []
}

/// A broker of the simulation: the production machines with logs in memory, and the driver between them.
struct ClusterNode {
    static let topic = TopicID(KafkaUUID(high: 0, low: 7))
    static let fetchWait = Interval.milliseconds(20)
    static let requestTimeout = Interval.milliseconds(120)
    static let readLimit = 4

    struct WaitingFetch {
        var from: Int
        var correlation: Int
        var brokerEpoch: BrokerEpoch
        var head: FetchSessionRequest
        var context: FetchContext
        var partitions: [FetchSessionPartition]
        var tokens: [(partition: Int, token: FetchWaitToken)]
    }

    let id: NodeID
    let policy: ReplicaPolicy
    var incarnation = 0
    var isAlive = false
    /// The crash before this incarnation may have lost records.
    var isCleanStart = true
    var brokerEpoch: BrokerEpoch?
    var imageVersion = -1
    /// By partition; `nil` where this broker is no replica. Logs and checkpoints survive a crash, the rest does not.
    var logs: [MemoryLog?]
    var highWatermarkCheckpoints: [Offset]
    var replicas: [PartitionReplica?]
    var fetchers: [FollowerFetchState?]
    var correlationInFlight: [Int?]
    /// The question for a leader's offsets that awaits its answer, by partition.
    var offsetsInFlight: [Int?]
    var sessions: FetchSessionCache
    var waiting: [FetchWaiterID: WaitingFetch] = [:]
    /// The proposal that awaits its answer, by partition, and the connection it went over.
    var proposalInFlight: [ISRProposalID?]
    var connection = 0
    var nextNumber: Int
    var image: MetadataImage?

    var index: Int { Int(self.id.rawValue) }

    init(id: Int, partitionCount: Int, replicaOf: [Bool], brokerCount: Int, policy: ReplicaPolicy) {
        self.id = NodeID(Int32(id))
        self.policy = policy
        self.logs = replicaOf.map { $0 ? MemoryLog() : nil }
        self.highWatermarkCheckpoints = Array(repeating: 0, count: partitionCount)
        self.replicas = Array(repeating: nil, count: partitionCount)
        self.fetchers = Array(repeating: nil, count: brokerCount + 1)
        self.correlationInFlight = Array(repeating: nil, count: brokerCount + 1)
        self.offsetsInFlight = Array(repeating: nil, count: partitionCount)
        self.proposalInFlight = Array(repeating: nil, count: partitionCount)
        self.sessions = FetchSessionCache(capacity: 2, evictionAge: .milliseconds(500), seed: UInt64(id))
        self.nextNumber = id << 40
    }

    // MARK: - Life

    mutating func start(now: Instant, output: inout NodeOutput) {
        self.incarnation += 1
        self.isAlive = true
        self.brokerEpoch = nil
        self.imageVersion = -1
        self.image = nil
        self.waiting = [:]
        self.connection += 1
        self.sessions = FetchSessionCache(
            capacity: 2, evictionAge: .milliseconds(500), seed: UInt64(self.incarnation << 8 | self.index))
        for partition in self.replicas.indices {
            self.proposalInFlight[partition] = nil
            self.offsetsInFlight[partition] = nil
            self.replicas[partition] = self.logs[partition].map { log in
                PartitionReplica(
                    localID: self.id, policy: self.policy, log: log.bounds,
                    highWatermark: self.highWatermarkCheckpoints[partition])
            }
        }
        for leader in self.fetchers.indices {
            self.correlationInFlight[leader] = nil
            self.fetchers[leader] =
                leader == 0
                ? nil
                : FollowerFetchState(
                    leader: NodeID(Int32(leader)), policy: FollowerFetchPolicy(backoff: .milliseconds(30)))
        }
        self.register(output: &output)
    }

    mutating func crash(losingFrom cut: [Offset?]) {
        self.isAlive = false
        for partition in self.logs.indices {
            if let offset = cut[partition] { self.logs[partition]?.truncate(to: offset) }
            self.replicas[partition] = nil
        }
    }

    mutating func register(output: inout NodeOutput) {
        let payload = ClusterMessage.Payload.register(incarnation: self.incarnation, isClean: self.isCleanStart)
        output.messages.append(ClusterMessage(from: self.index, to: 0, payload: payload))
    }

    mutating func tick(now: Instant, output: inout NodeOutput) {
        guard let brokerEpoch = self.brokerEpoch else { return self.register(output: &output) }
        output.messages.append(ClusterMessage(from: self.index, to: 0, payload: .heartbeat(brokerEpoch)))
        for partition in self.replicas.indices {
            var effects = ReplicaEffects()
            self.replicas[partition]?.tick(now: now, effects: &effects)
            self.run(effects, partition, now: now, output: &output)
        }
    }

    mutating func apply(_ image: MetadataImage, now: Instant, output: inout NodeOutput) {
        guard image.version > self.imageVersion else { return }
        self.imageVersion = image.version
        self.image = image
        for partition in self.replicas.indices {
            guard let bounds = self.logs[partition]?.bounds else { continue }
            let assignment = image.partitions[partition]
            var effects = ReplicaEffects()
            let outcome = self.replicas[partition]?.partitionChanged(
                assignment, brokers: image.brokers, log: bounds, now: now, effects: &effects)
            for status in image.brokers {
                self.replicas[partition]?.brokerChanged(status, now: now, effects: &effects)
            }
            self.run(effects, partition, now: now, output: &output)
            if outcome == .newEpoch { self.follow(partition, assignment, now: now) }
        }
        for leader in 1..<self.fetchers.count { self.pump(leader, now: now, output: &output) }
    }

    private mutating func follow(_ partition: Int, _ assignment: PartitionAssignment, now: Instant) {
        let key = ClusterNode.key(partition)
        for leader in 1..<self.fetchers.count { self.fetchers[leader]?.remove(key) }
        guard assignment.leader != self.id, assignment.leader != .none, let log = self.logs[partition] else { return }
        let truncation = self.fetchers[Int(assignment.leader.rawValue)]?.add(
            key, leaderEpoch: assignment.leaderEpoch, log: log.bounds, latestEpoch: log.latestEpoch,
            highWatermark: self.replicas[partition]?.highWatermark ?? 0)
        precondition(truncation == FollowerTruncation.none, "every simulated record has an epoch")
    }

    static func key(_ partition: Int) -> TopicIDPartition {
        TopicIDPartition(topicID: ClusterNode.topic, partition: PartitionIndex(Int32(partition)))
    }

    // MARK: - Effects

    mutating func run(_ effects: ReplicaEffects, _ partition: Int, now: Instant, output: inout NodeOutput) {
        if effects.isEmpty { return }
        if let start = effects.epochStart {
            self.logs[partition]?.assign(start.leaderEpoch, at: start.startOffset)
        }
        if effects.highWatermark != nil { output.advanced.append(partition) }
        if let proposal = effects.proposal {
            self.proposalInFlight[partition] = proposal.id
            output.timers.append((proposal.notBefore, .sendProposal(partition: partition, proposal)))
        }
        output.completions += effects.completedProduces
        for waiter in effects.wokenFetches { self.answerWaiting(waiter, now: now, output: &output) }
    }

    // MARK: - ISR proposals

    mutating func send(_ proposal: ISRProposal, partition: Int, now: Instant, output: inout NodeOutput) {
        guard self.proposalInFlight[partition] == proposal.id, let brokerEpoch = self.brokerEpoch else { return }
        let payload = ClusterMessage.Payload.alterPartition(
            partition: partition, brokerEpoch: brokerEpoch, connection: self.connection, proposal)
        output.messages.append(ClusterMessage(from: self.index, to: 0, payload: payload))
        output.timers.append(
            (now + ClusterNode.requestTimeout, .alterTimeout(partition: partition, proposal.id)))
    }

    mutating func altered(
        _ partition: Int, _ id: ISRProposalID, _ outcome: ISRProposalOutcome, now: Instant, output: inout NodeOutput
    ) {
        guard self.proposalInFlight[partition] == id else { return }
        self.proposalInFlight[partition] = nil
        var effects = ReplicaEffects()
        self.replicas[partition]?.alterPartitionCompleted(id, outcome, now: now, effects: &effects)
        self.run(effects, partition, now: now, output: &output)
    }

    /// Gives a proposal up, and closes the connection so that it cannot take effect later.
    mutating func alterTimedOut(_ partition: Int, _ id: ISRProposalID, now: Instant, output: inout NodeOutput) {
        guard self.proposalInFlight[partition] == id else { return }
        self.connection += 1
        for other in self.proposalInFlight.indices {
            guard let id = self.proposalInFlight[other] else { continue }
            self.altered(other, id, .refused(.networkException), now: now, output: &output)
        }
    }

    // MARK: - Clients

    /// Appends values with `acks=all`; the waiter's completion tells the outcome.
    mutating func produce(
        _ values: [Int], to partition: Int, waiter: ProduceWaiterID, now: Instant, output: inout NodeOutput
    ) -> (error: ErrorCode, offset: Offset) {
        guard let replica = self.replicas[partition] else { return (.notLeaderOrFollower, -1) }
        let refusal = replica.produceAdmission(requiredAcks: -1)
        guard refusal == .noError, let base = self.logs[partition]?.endOffset else { return (refusal, -1) }
        for value in values {
            self.logs[partition]?.append(MemoryRecord(value: value, epoch: replica.leaderEpoch))
        }
        let end = base + Int64(values.count)
        var effects = ReplicaEffects()
        self.replicas[partition]?.appended(endOffset: end, now: now, effects: &effects)
        self.replicas[partition]?.awaitReplication(
            waiter, requiredOffset: end, appendEpoch: replica.leaderEpoch, deadline: now + .milliseconds(200),
            effects: &effects)
        self.run(effects, partition, now: now, output: &output)
        return (.noError, base)
    }

    mutating func deleteRecords(before offset: Offset, partition: Int, now: Instant, output: inout NodeOutput) {
        guard let replica = self.replicas[partition] else { return }
        let target = min(offset, replica.highWatermark)
        self.logs[partition]?.deleteRecords(before: target)
        var effects = ReplicaEffects()
        self.replicas[partition]?.logStartAdvanced(to: max(target, replica.log.startOffset), effects: &effects)
        self.run(effects, partition, now: now, output: &output)
    }

    mutating func checkpoint() {
        for partition in self.replicas.indices {
            if let replica = self.replicas[partition] {
                self.highWatermarkCheckpoints[partition] = replica.highWatermark
            }
        }
    }
}
