import ApusCore
import EventLoop

/// Does the scenario's faults at their times. On the run's thread; `advance` is called every few milliseconds.
final class FaultAgenda {
    /// What is to be done at a moment. A step that must wait for something comes again a little later.
    private struct Entry {
        var at: Instant
        var order: Int
        var step: () throws(ChaosError) -> Void
    }

    private let run: RunningCluster
    private var entries: [Entry] = []
    private var nextOrder = 0
    private var active = ActiveFaults()
    /// Nodes that are down because a fault has it so.
    private(set) var down: Set<Int> = []
    private(set) var spans: [FaultSpan] = []
    /// Begins the storm with this number, or ends it.
    private let storm: (_ number: Int, _ plan: (producers: Int, rate: Int)?) throws(ChaosError) -> Void

    private static let poll = Interval.milliseconds(10)
    /// A selector whose node nobody knows is asked for so long.
    private static let selectMax = Interval.seconds(3)
    /// How long a node may take to leave or to be in sync again when all are restarted in turn.
    private static let rollStepMax = Interval.seconds(40)

    init(
        _ run: RunningCluster,
        storm: @escaping (_ number: Int, _ plan: (producers: Int, rate: Int)?) throws(ChaosError) -> Void
    ) {
        self.run = run
        self.storm = storm
    }

    var isEmpty: Bool { self.entries.isEmpty }

    /// Writes all occurrences down.
    func plan(_ faults: [FaultPlan], from start: Instant) {
        for fault in faults {
            for turn in 0..<fault.count {
                let at = start + fault.at + Interval(nanoseconds: fault.every.nanoseconds * Int64(turn))
                self.add(at) { () throws(ChaosError) in
                    try self.begin(fault, turn: turn, giveUpAt: at + Self.selectMax)
                }
            }
        }
    }

    /// Does what is due.
    func advance(now: Instant) throws(ChaosError) {
        while let index = self.entries.indices.min(by: { self.key($0) < self.key($1) }),
            self.entries[index].at <= now
        {
            try self.entries.remove(at: index).step()
        }
    }

    private func key(_ index: Int) -> (Instant, Int) { (self.entries[index].at, self.entries[index].order) }

    private func add(_ at: Instant, _ step: @escaping () throws(ChaosError) -> Void) {
        self.entries.append(Entry(at: at, order: self.nextOrder, step: step))
        self.nextOrder += 1
    }

    private func soon(_ step: @escaping () throws(ChaosError) -> Void) {
        self.add(MonotonicClock.now() + Self.poll, step)
    }

    // MARK: Beginning

    private func begin(_ fault: FaultPlan, turn: Int, giveUpAt: Instant) throws(ChaosError) {
        let targets = fault.target.nodes(in: self.run.selectorView(turn: turn))
        guard !targets.isEmpty else {
            guard MonotonicClock.now() < giveUpAt else {
                self.run.note("\(fault.kind.word): nobody tells who it is for")
                return
            }
            return self.soon { () throws(ChaosError) in try self.begin(fault, turn: turn, giveUpAt: giveUpAt) }
        }
        let span = self.spans.count
        self.spans.append(
            FaultSpan(
                kind: fault.kind.word, target: fault.target.text, nodes: targets, from: self.run.secondsNow))
        let end = fault.length.map { MonotonicClock.now() + $0 }
        switch fault.kind {
        case .kill:
            for node in targets { self.run.kill(node) }
            self.down.formUnion(targets)
            if let end { self.add(end) { () throws(ChaosError) in try self.restart(targets, span) } }
        case .stop:
            for node in targets { self.run.processes.terminate(node) }
            self.down.formUnion(targets)
            self.awaitExit(targets, then: fault.length, span)
        case .roll(let kills):
            self.roll(targets[...], span, kills: kills)
        case .pause:
            for node in targets { self.run.processes.pause(node) }
            self.finish(at: end, span) { for node in targets { self.run.processes.resume(node) } }
        case .reset:
            self.run.proxy.reset(targets)
            self.spans[span].to = self.run.secondsNow
        case .cut, .slowLink, .refuse, .slowDisk, .fullDisk, .failingSync:
            self.active.add(span, fault.kind, targets: targets)
            try self.applyActive()
            self.finish(at: end, span) { () throws(ChaosError) in
                self.active.remove(span)
                try self.applyActive()
                try self.startDead(targets)
            }
        case .clock(let shift):
            for node in targets { try self.run.processes.shiftClock(of: node, by: shift) }
            self.finish(at: end, span) { () throws(ChaosError) in
                for node in targets { try self.run.processes.shiftClock(of: node, by: .zero) }
            }
        case .storm(let producers, let rate):
            try self.storm(span, (producers, rate))
            self.finish(at: end, span) { () throws(ChaosError) in try self.storm(span, nil) }
        }
    }

    private func finish(at end: Instant?, _ span: Int, _ body: @escaping () throws(ChaosError) -> Void) {
        guard let end else { return }
        self.add(end) { () throws(ChaosError) in
            try body()
            self.spans[span].to = self.run.secondsNow
        }
    }

    private func applyActive() throws(ChaosError) {
        self.run.proxy.apply(self.active.conditions(nodes: self.run.nodes))
        for node in self.run.nodes { try self.run.setDiskFaults(self.active.diskLines(of: node), of: node) }
    }

    /// Starts nodes that ended by themselves, as whoever watches over them would once the disk is in order.
    private func startDead(_ targets: [Int]) throws(ChaosError) {
        for node in targets where !self.down.contains(node) && !self.run.processes.isAlive(node) {
            try self.run.processes.start(node)
            self.run.note("node \(node) is started again")
        }
    }

    // MARK: Processes that come back

    private func restart(_ targets: [Int], _ span: Int) throws(ChaosError) {
        for node in targets { try self.run.processes.start(node) }
        self.down.subtract(targets)
        self.spans[span].to = self.run.secondsNow
        self.awaitServing(targets, span, since: MonotonicClock.now())
    }

    /// Notes when the restarted nodes are in sync again.
    private func awaitServing(_ targets: [Int], _ span: Int, since: Instant) {
        if let view = self.run.view, view.at > since,
            targets.allSatisfy({ view.brokers.contains($0) && view.isInSync($0) || !self.run.isBroker($0) })
        {
            self.spans[span].servedAgain = self.run.secondsNow
        } else if MonotonicClock.now() - since < Self.rollStepMax, self.down.isDisjoint(with: targets) {
            self.watching += 1
            self.soon {
                self.watching -= 1
                self.awaitServing(targets, span, since: since)
            }
        }
    }

    /// Entries that only watch: the workload does not wait for them.
    private var watching = 0

    /// Whether anything but watching is left.
    var isBusy: Bool { self.entries.count > self.watching }

    private func awaitExit(_ targets: [Int], then length: Interval?, _ span: Int) {
        guard targets.contains(where: self.run.processes.isAlive) else {
            for node in targets { self.run.proxy.nodeEnded(node) }
            guard let length else { return }
            return self.add(MonotonicClock.now() + length) { () throws(ChaosError) in
                try self.restart(targets, span)
            }
        }
        self.soon { self.awaitExit(targets, then: length, span) }
    }

    /// Restarts the first of `targets`, and the others when all replicas are in sync again.
    private func roll(_ targets: ArraySlice<Int>, _ span: Int, kills: Bool) {
        guard let node = targets.first else {
            self.spans[span].to = self.run.secondsNow
            self.spans[span].servedAgain = self.run.secondsNow
            return
        }
        let step = self.spans.count
        self.spans.append(
            FaultSpan(
                kind: kills ? "kill" : "stop", target: "node \(node)", nodes: [node], from: self.run.secondsNow))
        if kills { self.run.kill(node) } else { self.run.processes.terminate(node) }
        self.down.insert(node)
        self.awaitRolled(node, step, since: MonotonicClock.now()) {
            self.spans[step].servedAgain = self.run.secondsNow
            self.roll(targets.dropFirst(), span, kills: kills)
        }
    }

    private func awaitRolled(_ node: Int, _ step: Int, since: Instant, then next: @escaping () -> Void) {
        self.soon { () throws(ChaosError) in
            let waited = MonotonicClock.now() - since
            if self.run.processes.isAlive(node) {
                if waited > Self.rollStepMax {
                    self.run.note("node \(node) did not leave within \(Int(waited.seconds)) s of SIGTERM")
                    self.run.kill(node)
                }
                return self.awaitRolled(node, step, since: since, then: next)
            }
            try self.run.processes.start(node)
            self.down.remove(node)
            self.spans[step].to = self.run.secondsNow
            self.awaitInSync(node, since: MonotonicClock.now(), then: next)
        }
    }

    private func awaitInSync(_ node: Int, since: Instant, then next: @escaping () -> Void) {
        self.soon {
            let waited = MonotonicClock.now() - since
            let isThere = self.run.view.map { view in
                view.at > since && view.isInSync() && (view.brokers.contains(node) || !self.run.isBroker(node))
            }
            if isThere == true { return next() }
            if waited > Self.rollStepMax {
                self.run.note(
                    "not all replicas were in sync \(Int(waited.seconds)) s after the restart of node \(node)")
                return next()
            }
            self.awaitInSync(node, since: since, then: next)
        }
    }

    // MARK: The end

    /// Takes everything back that still is on, and starts what died by itself.
    func heal() throws(ChaosError) {
        self.entries = []
        self.watching = 0
        self.active.removeAll()
        try self.applyActive()
        for node in self.run.nodes {
            try self.run.processes.shiftClock(of: node, by: .zero)
            self.run.processes.resume(node)
            if !self.run.processes.isAlive(node) { try self.run.processes.start(node) }
        }
        self.down = []
    }

    /// Nodes that are dead although no fault has it so.
    var unexpectedlyDead: [Int] {
        self.run.nodes.filter { !self.down.contains($0) && !self.run.processes.isAlive($0) }
    }
}
