import ApusCore
import ClusterMetadata
import History
import KafkaClient

/// One world from its seed to its judgement.
///
/// Transitions: starting (until all nodes serve and the topics are there) -> faulty (until the events are used up) ->
/// healing (faults end; leaders, replicas and writers have to come to rest in time) -> reading (everything is read) ->
/// judging. A broken promise ends it wherever it is.
package final class SimulationRun {
    private let scenario: Scenario
    private let world: World
    private let cluster: SimulatedCluster
    private let watch: ClusterWatch
    private let stage: Stage
    private let writing: WritingWorkload
    private let injector: FaultInjector
    private var workloads: [any Workload] = []
    private var phase = Outcome.Phase.starting
    private var faultyEvents: UInt64 = 0
    /// Partitions of which too many replicas stay dead for everything to be readable.
    private var unreadable: Set<TopicPartition> = []

    /// Virtual time in which a cluster without faults starts, and comes to rest.
    private static let startMax = Interval.seconds(60)
    private static let healingMax = Interval.seconds(120)
    private static let readingMax = Interval.seconds(60)

    /// - Parameter sink: is given every event, as a line.
    package init(_ scenario: Scenario, sink: ((String) -> Void)? = nil) {
        self.scenario = scenario
        self.world = World(seed: scenario.seed)
        scenario.habits.shape(self.world)
        self.cluster = SimulatedCluster(scenario.shape, in: self.world)
        scenario.habits.shape(self.cluster)
        self.watch = ClusterWatch(self.cluster)
        self.injector = FaultInjector(scenario.plan, cluster: self.cluster)
        self.stage = Stage(self.cluster, watch: self.watch, topics: scenario.topics)
        self.writing = WritingWorkload(
            self.stage, count: scenario.writers, pause: scenario.writerPause,
            restartPause: scenario.writerRestartPause)
        self.workloads = [self.writing, ReadingWorkload(self.stage, count: scenario.readers)]
        if let pause = scenario.adminPause { self.workloads.append(AdminWorkload(self.stage, pause: pause)) }
        if let pause = scenario.zonePause { self.workloads.append(ZoneWorkload(self.stage, pause: pause)) }
        if scenario.nearbyReaders > 0 {
            self.workloads.append(ReadingWorkload(self.stage, count: scenario.nearbyReaders, isNearby: true))
        }
        if let sink { self.world.trace.sink = { sink($0.line) } }
        self.world.afterEvent = { [unowned self] in self.watch.lookAfterEvent() }
    }

    /// Lives the world to its end.
    package func run() -> Outcome {
        let verdict = self.live()
        let outcome = Outcome(
            seed: self.scenario.seed, violation: self.watch.violation, phase: self.phase,
            events: self.world.eventCount, faultyEvents: self.faultyEvents,
            virtualTime: self.world.now - Instant(nanoseconds: 0), traceHash: self.world.trace.hash,
            lastEvents: self.world.trace.last.map(\.line), faults: self.injector.counts,
            nearbyReads: self.stage.nearbyReads, verdict: verdict)
        self.world.afterEvent = nil
        self.stage.close()
        self.cluster.close()
        return outcome
    }

    private func live() -> Verdict? {
        self.cluster.start()
        guard self.expect(within: Self.startMax, "the nodes do not serve", { self.cluster.isWhole }) else { return nil }
        guard self.makeTopics() else { return nil }
        self.phase = .faulty
        for workload in self.workloads { workload.begin() }
        self.injector.begin()
        let first = self.world.eventCount
        let end = self.world.now + self.scenario.durationMax
        while self.world.eventCount - first < self.scenario.events, self.world.now < end, self.step() {}
        self.faultyEvents = self.world.eventCount - first
        guard self.watch.violation == nil else { return nil }
        self.phase = .healing
        for workload in self.workloads { workload.windDown() }
        self.injector.heal(but: self.scenario.dead)
        guard self.converge() else { return nil }
        self.phase = .reading
        guard self.readAll() else { return nil }
        self.phase = .judging
        return self.judge()
    }

    /// Lets the next event happen. False where a promise is broken or nothing is left to happen.
    private func step() -> Bool {
        guard self.watch.violation == nil else { return false }
        return self.world.step() && self.watch.violation == nil
    }

    /// Lets events happen until `condition` holds; that it never does is a broken promise.
    private func expect(
        within limit: Interval, _ complaint: @autoclosure () -> String, _ condition: () -> Bool
    ) -> Bool {
        let end = self.world.now + limit
        var next = self.world.eventCount
        while true {
            // Conditions look at everything: not after every event.
            if self.world.eventCount >= next {
                if condition() { return true }
                next = self.world.eventCount + 50
            }
            guard self.world.now < end else {
                self.watch.report(Violation(.convergence, "\(complaint()) after \(limit.milliseconds) ms"))
                return false
            }
            guard self.step() else { return false }
        }
    }

    // MARK: - Starting

    private func makeTopics() -> Bool {
        let client = self.stage.makeClient("maker")
        let making = TopicMaking(client, topics: self.scenario.topics)
        making.begin()
        let isMade = self.expect(within: Self.startMax, "topics cannot be made: \(making.left)") {
            making.left.isEmpty
        }
        return isMade
    }

    // MARK: - Healing

    private func converge() -> Bool {
        let rest = Convergence(self.cluster, watch: self.watch)
        return self.expect(within: Self.healingMax, rest.complaint() ?? "writers are not done") {
            self.workloads.allSatisfy(\.isQuiet) && rest.complaint() == nil
        }
    }

    private func readAll() -> Bool {
        let memory = self.watch.memory
        let topics = self.stage.topics.filter { topic in
            !self.stage.doomed.contains(topic.name) && memory.metadata.topic(named: topic.name) != nil
        }
        let rest = Convergence(self.cluster, watch: self.watch)
        let keys = topics.flatMap(\.partitions).filter { !rest.isShort($0) }
        self.unreadable = Set(topics.flatMap(\.partitions)).subtracting(keys)
        let reading = FinalReading(self.stage, partitions: keys)
        reading.begin()
        return self.expect(within: Self.readingMax, "not all can be read: \(reading.missing)") {
            reading.missing.isEmpty
        }
    }

    private func judge() -> Verdict {
        self.writing.abandon()
        self.stage.noteUncleanElections()
        var options = CheckOptions()
        for workload in self.workloads { workload.amend(&options) }
        if self.cluster.faultModel.hasDamaged { options.allowed.insert(.lossAfterUncleanElection) }
        options.unreadable = self.unreadable
        let verdict = self.stage.history.check(options)
        if let anomaly = verdict.anomalies.first {
            let operations = anomaly.operations.prefix(6).map { "\($0): \(self.stage.history[$0])" }
            self.watch.report(
                Violation(.history, "\(anomaly)\n  " + operations.joined(separator: "\n  ")))
        }
        return verdict
    }
}
