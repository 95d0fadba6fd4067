import ApusCore
import EventLoop
import Foundation
import KafkaClient

/// One run of one scenario: a cluster is made and started, the workload and the timeline run, everything is read, and
/// the cluster is ended, whatever happens. On one thread, whose end would end the nodes.
package struct ScenarioRun {
    private let scenario: Scenario
    private let program: ClusterProgram
    private let folder: String
    private let interruption: Interruption
    /// Is told what goes on.
    private let progress: (String) -> Void

    /// Roll steps and late faults may take this much longer than the scenario's duration, seconds.
    private static let overtimeMax = 60.0
    private static let tick = Interval.milliseconds(100)

    /// - Parameter folder: for the nodes' files; made where it does not exist, and left to the caller.
    package init(
        _ scenario: Scenario, program: ClusterProgram, folder: String, interruption: Interruption,
        progress: @escaping (String) -> Void
    ) {
        self.scenario = scenario
        self.program = program
        self.folder = folder
        self.interruption = interruption
        self.progress = progress
    }

    /// - Throws: where the run could not be made: `system`, `cluster`, `client`, `file`, or `interrupted`.
    package func run() throws(ChaosError) -> RunResult {
        var result = self.emptyResult()
        if let reason = self.program.obstacle(to: self.scenario.faults) {
            result.skipped = reason
            return result
        }
        let reservation = try LoopbackReservation()
        let processes = ClusterProcesses(
            plan: self.scenario.cluster, program: self.program, addresses: reservation.addresses, folder: self.folder)
        defer { processes.killAll() }
        let nodes = self.scenario.cluster.nodes
        let proxy = try LinkProxy(
            reservation.addresses.routes(nodes),
            hosts: Dictionary(uniqueKeysWithValues: nodes.map { (reservation.addresses.host(of: $0.id), $0.id) }))
        defer { proxy.stop() }
        self.progress("formatting \(nodes.count) nodes")
        try processes.format(clusterID: Self.newClusterID())
        let clients: WorkloadClients
        do throws(ClientError) {
            clients = try WorkloadClients(
                self.scenario, bootstrapServers: reservation.addresses.bootstrapServers(nodes))
        } catch {
            throw ChaosError(.client, error.message)
        }
        defer { clients.stop() }
        let cluster = RunningCluster(processes: processes, proxy: proxy, record: clients.record)
        try self.startCluster(cluster, clients)
        try self.work(cluster, clients, &result)
        return result
    }

    private func emptyResult() -> RunResult {
        let formatter = ISO8601DateFormatter()
        var result = RunResult(
            scenario: self.scenario.name, summary: self.scenario.summary, cluster: self.program.kind,
            program: self.program.path, startedAt: formatter.string(from: Date()))
        result.nodes = self.scenario.cluster.nodes.map { NodeOutline(id: $0.id, zone: $0.zone, roles: $0.roles) }
        result.partitions = WorkloadClients.partitions(self.scenario.topics).map {
            PartitionOutline(topic: $0.topic, index: Int($0.partition.rawValue))
        }
        return result
    }

    private static func newClusterID() -> String {
        var random = SystemRandomNumberGenerator()
        return KafkaUUID.random(using: &random).description
    }

    // MARK: The phases

    private func startCluster(_ cluster: RunningCluster, _ clients: WorkloadClients) throws(ChaosError) {
        self.progress("starting the cluster")
        for node in cluster.nodes { try cluster.processes.start(node) }
        let limit = self.program.startSecondsMax
        let brokers = self.scenario.cluster.brokers.map(\.id)
        clients.sampler.start()
        let isUp = try self.interruption.wait(seconds: limit) { () throws(ChaosError) in
            try self.checkAlive(cluster)
            return clients.record.change { $0.view }?.brokers == brokers
        }
        guard isUp else {
            throw ChaosError(.cluster, "not all brokers were up within \(Int(limit)) s; see \(self.folder)")
        }
        try clients.createTopics(self.interruption)
        let isReady = try self.interruption.wait(seconds: limit) { () throws(ChaosError) in
            try self.checkAlive(cluster)
            return clients.record.change { $0.view }.map { $0.isInSync() && !$0.leaders.contains(-1) } ?? false
        }
        guard isReady else { throw ChaosError(.cluster, "the topics have no leaders within \(Int(limit)) s") }
    }

    private func checkAlive(_ cluster: RunningCluster) throws(ChaosError) {
        for node in cluster.nodes where !cluster.processes.isAlive(node) {
            throw ChaosError(.cluster, "node \(node) ended by itself; see \(cluster.processes.logFile(of: node))")
        }
    }

    private func work(
        _ cluster: RunningCluster, _ clients: WorkloadClients, _ result: inout RunResult
    ) throws(ChaosError) {
        let plan = self.scenario.workload
        let began = MonotonicClock.now()
        cluster.start = began + plan.warmUp
        clients.sampler.tell(running: cluster.processes.running)
        clients.sampler.begin(at: cluster.start)
        try clients.start()
        let agenda = FaultAgenda(cluster) { number, storm throws(ChaosError) in
            try clients.storm(number, storm)
        }
        agenda.plan(self.scenario.faults, from: cluster.start)
        let end = cluster.start + plan.duration
        var reported: Set<Int> = []
        var nextTick = began
        _ = try self.interruption.wait(seconds: (plan.warmUp + plan.duration).seconds + Self.overtimeMax) {
            () throws(ChaosError) in
            let now = MonotonicClock.now()
            try agenda.advance(now: now)
            guard now >= nextTick else { return false }
            nextTick = now + Self.tick
            clients.sampler.tell(running: cluster.processes.running)
            for node in agenda.unexpectedlyDead where reported.insert(node).inserted {
                cluster.note("node \(node) ended by itself")
                cluster.proxy.nodeEnded(node)
            }
            self.progress(self.state(cluster, clients))
            return now >= end && !agenda.isBusy
        }
        result.workloadSeconds = (MonotonicClock.now() - began).seconds
        let workloadEnd = MonotonicClock.now()
        try agenda.heal()
        let isRead = try self.finish(cluster, clients)
        result.seconds = (MonotonicClock.now() - began).seconds
        result.faults = agenda.spans
        let assembly = ResultAssembly(
            self.scenario, start: cluster.start, workloadEnd: workloadEnd, contents: clients.record.change { $0 },
            isRead: isRead)
        assembly.complete(&result)
    }

    private func state(_ cluster: RunningCluster, _ clients: WorkloadClients) -> String {
        let acknowledged = clients.record.change { $0.totals.acknowledged }
        let running = cluster.processes.running.map(String.init).joined(separator: ",")
        return String(
            format: "%@: %.1f s, %d records acknowledged, running: %@", self.scenario.name, cluster.secondsNow,
            acknowledged, running)
    }

    /// Lets what is under way end, and reads everything. Returns whether everything could be read.
    private func finish(_ cluster: RunningCluster, _ clients: WorkloadClients) throws(ChaosError) -> Bool {
        let settle = self.scenario.workload.settle.seconds
        self.progress("\(self.scenario.name): waiting for what is under way")
        let flushed = clients.finishProducers()
        let isFlushed = try self.interruption.wait(seconds: settle) { flushed.isDone }
        if !isFlushed { cluster.note("some records were neither stored nor refused \(Int(settle)) s after healing") }
        clients.closeProducers()
        self.progress("\(self.scenario.name): reading everything")
        let reading = clients.readEverything()
        let isRead = try self.interruption.wait(seconds: settle) { reading.isDone }
        if !isRead { cluster.note("not everything could be read within \(Int(settle)) s") }
        return isRead
    }
}
