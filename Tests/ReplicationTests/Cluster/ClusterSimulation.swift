import ApusCore
import EventLoop
import Replication

/// A small cluster of replication machines under faults, from one seed.
///
/// The network loses, delays, reorders and repeats messages and cuts links in either direction; nodes crash, and one at
/// a time may lose what it had not synced; leadership moves while the old leader does not know. After every event the
/// history is checked; then everything is healed and must converge.
struct ClusterSimulation {
    enum Event {
        case deliver(ClusterMessage, incarnation: Int)
        case timer(node: Int, incarnation: Int, NodeOutput.Timer)
        case tick(node: Int)
        case controllerTick
        case produce
        case ask
        case fault
        case restart(node: Int)
        case move(partition: Int, to: NodeID)
        case sync
    }

    var random: SeededRandom
    var now = Instant(nanoseconds: 0)
    var events = TimerHeap<Event>()
    var controller: TinyController
    /// By node id; the first is a placeholder for the controller.
    var nodes: [ClusterNode]
    var history: ClusterHistory
    /// Links that deliver nothing, by sender and receiver.
    var cut: [[Bool]]
    var isFaulty = true
    var isProducing = true
    /// The node that lost records and is not back in every ISR.
    var damaged: Int?
    var nextValue = 0
    var nextWaiter: UInt64 = 0
    var waiterNode: [UInt64: Int] = [:]
    let partitionCount: Int

    init(seed: UInt64) {
        self.random = SeededRandom(seed: seed)
        let brokerCount = Int.random(in: 3...4, using: &self.random)
        self.partitionCount = Int.random(in: 1...3, using: &self.random)
        var assignments: [[NodeID]] = []
        for _ in 0..<self.partitionCount {
            assignments.append(
                Array((1...Int32(brokerCount)).map { NodeID($0) }.shuffled(using: &self.random).prefix(3)))
        }
        self.controller = TinyController(
            replicas: assignments, brokerCount: brokerCount, minISR: 2, sessionTimeout: .milliseconds(100))
        let policy = ReplicaPolicy(
            lagTimeMax: .milliseconds(120), minInSyncReplicas: 2, proposalBackoff: .milliseconds(10))
        let partitionCount = self.partitionCount
        self.nodes = (0...brokerCount).map { id in
            ClusterNode(
                id: id, partitionCount: partitionCount,
                replicaOf: assignments.map { $0.contains(NodeID(Int32(id))) }, brokerCount: brokerCount,
                policy: policy)
        }
        self.history = ClusterHistory(partitionCount: partitionCount)
        self.cut = Array(repeating: Array(repeating: false, count: brokerCount + 1), count: brokerCount + 1)
        for node in 1...brokerCount {
            self.withNode(node) { $0.start(now: $1, output: &$2) }
            self.events.insert(.tick(node: node), at: self.now + .milliseconds(Int64(node)))
        }
        self.events.insert(.controllerTick, at: self.now)
        self.events.insert(.produce, at: self.now + .milliseconds(30))
        self.events.insert(.ask, at: self.now + .milliseconds(40))
        self.events.insert(.fault, at: self.now + .milliseconds(60))
        self.events.insert(.sync, at: self.now + .milliseconds(10))
    }

    /// Runs until `time`, or until the first violation.
    mutating func run(until time: Instant) {
        while self.history.violation == nil, let next = self.events.earliest, next <= time {
            guard let event = self.events.popDue(next) else { return }
            self.now = next
            self.handle(event)
            self.checkMembers()
        }
    }

    private mutating func handle(_ event: Event) {
        switch event {
        case .deliver(let message, let incarnation): self.deliver(message, incarnation: incarnation)
        case .timer(let node, let incarnation, let timer):
            guard self.nodes[node].isAlive, self.nodes[node].incarnation == incarnation else { return }
            self.fire(timer, node: node)
        case .tick(let node):
            self.events.insert(event, at: self.now + .milliseconds(25))
            guard self.nodes[node].isAlive else { return }
            self.withNode(node) { $0.tick(now: $1, output: &$2) }
            if self.chance(20) { self.withNode(node) { $0.renewQuestions(now: $1, output: &$2) } }
        case .controllerTick:
            self.events.insert(event, at: self.now + .milliseconds(20))
            self.controller.tick(now: self.now)
            for node in 1..<self.nodes.count {
                self.send(ClusterMessage(from: 0, to: node, payload: .metadata(self.controller.image)))
            }
        case .produce:
            self.events.insert(event, at: self.now + .milliseconds(Int64.random(in: 1...12, using: &self.random)))
            if self.isProducing { self.produce() }
        case .ask:
            self.events.insert(event, at: self.now + .milliseconds(15))
            self.askForEnds()
        case .fault:
            self.events.insert(event, at: self.now + .milliseconds(Int64.random(in: 10...90, using: &self.random)))
            if self.isFaulty { self.injectFault() }
        case .restart(let node): self.restart(node)
        case .move(let partition, let id): self.controller.moveLeadership(partition, to: id)
        case .sync:
            self.events.insert(event, at: self.now + .milliseconds(7))
            self.sync()
        }
    }

    // MARK: - Carrying out

    /// Lets a node act, and carries on what it did.
    mutating func withNode(_ node: Int, _ act: (inout ClusterNode, Instant, inout NodeOutput) -> Void) {
        var output = NodeOutput()
        act(&self.nodes[node], self.now, &output)
        // What became committed is known before the answers that rest on it.
        for partition in output.advanced { self.history.advanced(&self.nodes[node], partition: partition) }
        for completion in output.completions { self.history.completed(completion) }
        for message in output.messages { self.send(message) }
        let incarnation = self.nodes[node].incarnation
        for (at, timer) in output.timers {
            self.events.insert(.timer(node: node, incarnation: incarnation, timer), at: max(at, self.now))
        }
    }

    mutating func send(_ message: ClusterMessage) {
        let copies = self.isFaulty && message.mayRepeat && self.chance(4) ? 2 : 1
        for _ in 0..<copies {
            if self.cut[message.from][message.to] || self.isFaulty && self.chance(3) { continue }
            var delay = Int64.random(in: 200...4000, using: &self.random)
            if self.isFaulty && self.chance(6) { delay += Int64.random(in: 10_000...200_000, using: &self.random) }
            self.events.insert(
                .deliver(message, incarnation: self.nodes[message.to].incarnation),
                at: self.now + .microseconds(delay))
        }
    }

    mutating func chance(_ percent: Int) -> Bool {
        Int.random(in: 0..<100, using: &self.random) < percent
    }

    // MARK: - Checks

    private mutating func checkMembers() {
        if let node = self.damaged, self.isWhole(node) { self.damaged = nil }
        // The loops are plain for the sake of a debug build, which runs them after every event.
        var partition = 0
        while partition < self.partitionCount {
            let end = self.history.committedEnd(partition)
            let isr = self.controller.partitions[partition].isr
            var index = 0
            while index < isr.count {
                let node = Int(isr[index].rawValue)
                if node != self.damaged && !self.isVerified(node, partition: partition, upTo: end) {
                    self.history.verifyMember(&self.nodes[node], partition: partition)
                }
                index += 1
            }
            partition += 1
        }
    }

    private func isVerified(_ node: Int, partition: Int, upTo end: Int64) -> Bool {
        (self.nodes[node].logs[partition]?.verifiedOffset.rawValue ?? -1) >= end
    }

    /// Whether a node that lost records is in every ISR it belongs to, under its new registration.
    private func isWhole(_ node: Int) -> Bool {
        guard self.nodes[node].isAlive, self.nodes[node].brokerEpoch != nil, self.nodes[node].isCleanStart == false
        else { return false }
        return self.controller.partitions.allSatisfy { partition in
            !partition.replicas.contains(NodeID(Int32(node))) || partition.isr.contains(NodeID(Int32(node)))
        }
    }

    // MARK: - Messages and timers

    private mutating func deliver(_ message: ClusterMessage, incarnation: Int) {
        if self.cut[message.from][message.to] { return }
        if message.to == 0 { return self.deliverToController(message) }
        // A new process has new connections: what was on its way to the old one is lost.
        guard self.nodes[message.to].isAlive, self.nodes[message.to].incarnation == incarnation else { return }
        self.withNode(message.to) { node, now, output in
            switch message.payload {
            case .registered(let incarnation, let epoch, let image):
                guard node.incarnation == incarnation else { return }
                node.brokerEpoch = epoch
                node.apply(image, now: now, output: &output)
            case .metadata(let image):
                guard node.brokerEpoch != nil else { return }
                node.apply(image, now: now, output: &output)
            case .fetch(let correlation, let epoch, let request):
                node.fetch(
                    from: message.from, correlation: correlation, brokerEpoch: epoch, request, now: now,
                    output: &output)
            case .fetched(let correlation, let error, let session, let answers):
                node.fetched(
                    from: message.from, correlation: correlation, error: error, sessionID: session, answers, now: now,
                    output: &output)
            case .alteredPartition(let partition, let connection, let id, let outcome):
                guard node.connection == connection else { return }
                node.altered(partition, id, outcome, now: now, output: &output)
            case .listOffsets(let correlation, let partition, let epoch):
                node.listOffsets(
                    from: message.from, correlation: correlation, partition: partition, leaderEpoch: epoch,
                    output: &output)
            case .listedOffsets(let correlation, let partition, let epoch, let error, let bounds):
                node.listedOffsets(
                    from: message.from, correlation: correlation, partition: partition, leaderEpoch: epoch,
                    error: error, bounds, now: now, output: &output)
            case .register, .heartbeat, .alterPartition:
                preconditionFailure("a node got what is for the controller")
            }
        }
    }

    private mutating func deliverToController(_ message: ClusterMessage) {
        let id = NodeID(Int32(message.from))
        switch message.payload {
        case .register(let incarnation, let isClean):
            // A registration of an older process arrives on a closed connection.
            guard self.nodes[message.from].incarnation == incarnation else { return }
            let epoch = self.controller.register(id, incarnation: incarnation, isClean: isClean, now: self.now)
            let payload = ClusterMessage.Payload.registered(
                incarnation: incarnation, brokerEpoch: epoch, self.controller.image)
            self.send(ClusterMessage(from: 0, to: message.from, payload: payload))
        case .heartbeat(let epoch):
            self.controller.heartbeat(id, epoch: epoch, now: self.now)
            self.send(ClusterMessage(from: 0, to: message.from, payload: .metadata(self.controller.image)))
        case .alterPartition(let partition, let epoch, let connection, let proposal):
            guard self.nodes[message.from].isAlive, self.nodes[message.from].connection == connection else { return }
            let outcome = self.controller.alterPartition(partition, from: id, brokerEpoch: epoch, proposal: proposal)
            let payload = ClusterMessage.Payload.alteredPartition(
                partition: partition, connection: connection, proposal.id, outcome)
            self.send(ClusterMessage(from: 0, to: message.from, payload: payload))
        default:
            preconditionFailure("the controller got what is for a node")
        }
    }

    private mutating func fire(_ timer: NodeOutput.Timer, node: Int) {
        self.withNode(node) { node, now, output in
            switch timer {
            case .fetchTimeout(let leader, let correlation):
                node.fetchTimedOut(leader: leader, correlation: correlation, now: now, output: &output)
            case .fetcherWakeUp(let leader):
                node.pump(leader, now: now, output: &output)
            case .fetchWaitEnd(let waiter):
                node.answerWaiting(waiter, now: now, output: &output)
            case .sendProposal(let partition, let proposal):
                node.send(proposal, partition: partition, now: now, output: &output)
            case .alterTimeout(let partition, let id):
                node.alterTimedOut(partition, id, now: now, output: &output)
            }
        }
    }
}
