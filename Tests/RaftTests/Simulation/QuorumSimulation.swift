import ApusCore
import EventLoop
import Raft

/// A quorum in virtual time: real machines, a simulated network and simulated disks. One seed is one history.
///
/// After every effect the invariants are checked; the first violation ends the history.
struct QuorumSimulation {
    struct Violation: Error, CustomStringConvertible {
        var description: String
    }

    var random: SeededRandom
    var now = Instant(nanoseconds: 0)
    var events = TimerHeap<Event>()
    var replicas: [SimulatedReplica]
    let configuration: RaftConfiguration
    var weather = NetworkWeather.fair
    /// Pairs (from, to) between which nothing gets through.
    var cuts: Set<[Int]> = []
    /// No new faults are to happen.
    var isHealing = false
    /// The percentage of effects after which the process crashes.
    var crashPermille = 0

    /// More events than any run here takes; whoever needs more is going round in circles.
    static let eventCountMax = 200_000

    // What the history has shown so far.
    var committed: [Entry] = []
    /// The epoch in which each of them was committed, which may be above its own.
    var committedIn: [LeaderEpoch] = []
    var leaders: [LeaderEpoch: NodeID] = [:]
    var votes: [[Int32]: NodeID] = [:]
    var waitingRequests: [InboundRequestID: WaitingRequest] = [:]
    var nextInbound: InboundRequestID = 1
    var nextValue = 1
    var digest = Hasher64()
    var leaderElections = 0
    /// Print every effect: to read a history that failed.
    var isTraced = false
    /// How often each kind of event was part of the history, so that a test can tell that it was tried.
    var counts: [String: Int] = [:]

    init(seed: UInt64, voters: Int, observers: Int = 0, timeouts: Interval = .milliseconds(1000)) {
        self.random = SeededRandom(seed: seed)
        let voterIDs = (1...voters).map { NodeID(Int32($0)) }
        var configuration = RaftConfiguration(
            local: ReplicaKey(id: 1), voters: VoterSet(staticVoters: voterIDs))
        configuration.electionTimeout = timeouts
        configuration.fetchTimeout = timeouts + timeouts
        configuration.requestTimeout = timeouts + timeouts
        self.configuration = configuration
        self.replicas = (1...(voters + observers)).map {
            SimulatedReplica(id: NodeID(Int32($0)), isVoter: $0 <= voters)
        }
    }

    struct WaitingRequest {
        var from: Address
        var id: OutboundRequestID
        var to: Address
        var request: RaftRequest
    }

    // MARK: Running

    /// Starts every process, each within the first `spread`.
    mutating func startAll(spread: Interval = .zero) {
        for index in self.replicas.indices {
            self.events.insert(
                .restart(index, incarnation: 0), at: self.now + self.interval(in: .zero...spread))
        }
    }

    /// Runs until `deadline`, or until `isDone`. Returns whether that came true.
    @discardableResult
    mutating func run(
        until deadline: Instant, eventsMax: Int = .max, or isDone: (QuorumSimulation) -> Bool = { _ in false }
    ) throws -> Bool {
        var count = 0
        while count < eventsMax, let at = self.events.earliest {
            guard at <= deadline, let event = self.events.popDue(at) else {
                self.now = deadline
                return false
            }
            self.now = max(self.now, at)
            try self.handle(event)
            count += 1
            guard count < Self.eventCountMax else { throw Violation(description: "time stands still at \(self.now)") }
            if isDone(self) { return true }
        }
        return false
    }

    private mutating func handle(_ event: Event) throws {
        switch event {
        case .request(let from, let to, let id, let request):
            try self.deliver(request, id, from: from, to: to)
        case .response(let to, let id, let response, let payload):
            guard self.isRunning(to) else { return }
            try self.step(to.index, response: payload) { $0.receive(response, to: id, now: $1) }
        case .failure(let to, let id, let failure):
            guard self.isRunning(to) else { return }
            try self.step(to.index) { $0.requestFailed(id, failure, now: $1) }
        case .timer(let address):
            guard self.isRunning(address) else { return }
            try self.step(address.index) { $0.timerFired(now: $1) }
        case .flushDone(let address, let ticket, let log):
            guard self.isRunning(address) else { return }
            self.replicas[address.index].isFlushing = false
            self.replicas[address.index].durableLog = log
            try self.step(address.index) { $0.flushed(ticket, now: $1) }
        case .restart(let index, let incarnation):
            guard self.replicas[index].node == nil, self.replicas[index].incarnation == incarnation else { return }
            try self.start(index)
        case .stop(let address):
            guard self.isRunning(address) else { return }
            self.crash(address.index, losesPower: false)
        case .clientAppends:
            try self.clientAppends()
        case .snapshotTaken:
            try self.takeSnapshot()
        case .fault:
            try self.fault()
        }
    }

    mutating func start(_ index: Int) throws {
        var replica = self.replicas[index]
        replica.incarnation += 1
        var configuration = self.configuration
        configuration.local = ReplicaKey(
            id: replica.id, directoryID: KafkaUUID(high: 9, low: UInt64(replica.id.rawValue)))
        // What was found on disk is flushed before it counts.
        replica.durableLog = replica.log
        replica.isFlushing = false
        replica.received = nil
        replica.highWatermark = .unknown
        replica.queue = []
        replica.node = RaftNode(
            configuration: configuration, election: replica.election, log: replica.log.history,
            snapshotID: replica.log.snapshot?.id, seed: self.random.next())
        self.replicas[index] = replica
        try self.step(index) { $0.start(now: $1) }
    }

    // MARK: The driver

    /// Gives a machine an input and does what it asks for.
    mutating func step(
        _ index: Int, response: Payload = .none, _ input: (inout RaftNode, Instant) -> [RaftEffect]
    ) throws {
        guard self.replicas[index].node != nil else { return }
        let effects = self.give(index, input)
        self.replicas[index].queue += effects
        while let effect = self.replicas[index].queue.first {
            self.replicas[index].queue.removeFirst()
            try self.carryOut(effect, index, response)
            if self.crashPermille > 0, Int.random(in: 0..<1000, using: &self.random) < self.crashPermille {
                return self.crashAndRestart(index)
            }
        }
        self.startFlush(index)
    }

    /// Nested inputs: their effects go to the end of the queue.
    private mutating func give(
        _ index: Int, _ input: (inout RaftNode, Instant) -> [RaftEffect]
    ) -> [RaftEffect] {
        guard var node = self.replicas[index].node else { return [] }
        self.replicas[index].node = nil
        let effects = input(&node, self.now)
        self.replicas[index].node = node
        return effects
    }

    private mutating func carryOut(_ effect: RaftEffect, _ index: Int, _ payload: Payload) throws {
        self.digest.combine(index, effect)
        let address = self.address(index)
        self.counts[effect.kind, default: 0] += 1
        if self.isTraced { print("\(self.now.nanoseconds / 1000) us, replica \(index + 1): \(effect)") }
        switch effect {
        case .persist(let election):
            try self.checkPersist(election, index)
            self.replicas[index].election = election
        case .send(let id, let to, let request):
            try self.checkSend(request, index)
            self.transmit(request, id, from: address, to: Int(to.rawValue) - 1)
        case .respond(let id, let response):
            try self.checkRespond(response, id, index)
            self.respond(id, response, index)
        case .truncate(let offset):
            try self.checkTruncation(to: offset, index)
            self.replicas[index].log.entries.removeLast(
                self.replicas[index].log.entries.count - Int(offset.rawValue))
        case .appendLeaderChange(let change):
            self.append([Entry(epoch: change.epoch, value: -Int(change.epoch.rawValue))], index)
        case .appendFetchedRecords:
            guard case .entries(let entries) = payload else { throw Violation(description: "no records to append") }
            self.append(entries, index)
        case .appendSnapshotPiece(let id, _):
            guard case .snapshot(let snapshot) = payload, snapshot.id == id else {
                throw Violation(description: "no snapshot piece to append")
            }
            self.replicas[index].received = snapshot
        case .installSnapshot(let id):
            try self.install(id, index)
        case .becameLeader(let epoch):
            try self.checkLeader(epoch, index)
        case .leadershipEstablished, .resigned, .becameFollower, .leaderLost:
            break
        case .highWatermarkAdvanced(let offset):
            try self.checkHighWatermark(offset, index)
        case .setTimer(let at):
            self.events.insert(.timer(address), at: max(at, self.now))
        case .report(let anomaly):
            throw Violation(description: "replica \(index + 1) reports \(anomaly)")
        }
    }

    mutating func append(_ entries: [Entry], _ index: Int) {
        var runs: [RaftNode.AppendedRun] = []
        for entry in entries {
            let base = self.replicas[index].log.endOffset
            self.replicas[index].log.entries.append(entry)
            runs.append(.init(epoch: entry.epoch, baseOffset: base, endOffset: base + 1))
        }
        let effects = self.give(index) { $0.appended(runs, now: $1) }
        self.replicas[index].queue += effects
    }

    private mutating func install(_ id: OffsetAndEpoch, _ index: Int) throws {
        guard let snapshot = self.replicas[index].received, snapshot.id == id else {
            throw Violation(description: "no snapshot to install")
        }
        try self.checkSnapshot(snapshot, index)
        let log = StoredLog(entries: snapshot.entries, startOffset: id.offset, snapshot: snapshot)
        self.replicas[index].log = log
        self.replicas[index].durableLog = log
        let effects = self.give(index) { $0.snapshotInstalled(id, now: $1) }
        self.replicas[index].queue += effects
    }

    private mutating func startFlush(_ index: Int) {
        guard let node = self.replicas[index].node, node.needsFlush, !self.replicas[index].isFlushing else { return }
        self.replicas[index].isFlushing = true
        let delay = self.interval(in: .microseconds(100)...Interval.milliseconds(3))
        self.events.insert(
            .flushDone(self.address(index), node.flushTicket, self.replicas[index].log), at: self.now + delay)
    }

    // MARK: Who is who

    func address(_ index: Int) -> Address {
        Address(index: index, incarnation: self.replicas[index].incarnation)
    }

    func isRunning(_ address: Address) -> Bool {
        self.replicas[address.index].node != nil && self.replicas[address.index].incarnation == address.incarnation
    }

    mutating func interval(in range: ClosedRange<Interval>) -> Interval {
        Interval(
            nanoseconds: .random(in: range.lowerBound.nanoseconds...range.upperBound.nanoseconds, using: &self.random))
    }

    mutating func chance(percent: Int) -> Bool {
        percent > 0 && Int.random(in: 0..<100, using: &self.random) < percent
    }
}

/// A digest of a history: equal seeds must give equal ones. FNV-1a over the text of every effect.
struct Hasher64 {
    private(set) var value: UInt64 = 0xcbf2_9ce4_8422_2325
    var isOn = false

    mutating func combine(_ index: Int, _ effect: RaftEffect) {
        guard self.isOn else { return }
        for byte in "\(index) \(effect)".utf8 { self.value = (self.value ^ UInt64(byte)) &* 0x100_0000_01b3 }
    }
}

extension RaftEffect {
    /// The name of the case.
    var kind: String {
        switch self {
        case .persist: "persist"
        case .send: "send"
        case .respond: "respond"
        case .truncate: "truncate"
        case .appendLeaderChange: "appendLeaderChange"
        case .appendFetchedRecords: "appendFetchedRecords"
        case .appendSnapshotPiece: "appendSnapshotPiece"
        case .installSnapshot: "installSnapshot"
        case .becameLeader: "becameLeader"
        case .leadershipEstablished: "leadershipEstablished"
        case .resigned: "resigned"
        case .becameFollower: "becameFollower"
        case .leaderLost: "leaderLost"
        case .highWatermarkAdvanced: "highWatermarkAdvanced"
        case .setTimer: "setTimer"
        case .report: "report"
        }
    }
}
