import ApusCore
import FileSystem
import KafkaStoredMessages
import LogStorage
import Quorum
import Raft
import SimulatedStorage

/// A process of the simulated world: a driver, its disk, and the names of the topics that were committed.
final class QuorumNode: QuorumPort {
    let id: NodeID
    let fileSystem: FileSystemPort
    private unowned let world: QuorumWorld
    /// nil while the process is not running.
    private(set) var driver: QuorumDriver?
    private(set) var log: MetadataLog?
    /// Counts starts, so that nothing reaches a later process that was meant for an earlier one.
    private(set) var incarnation = 0
    private(set) var names: [String] = []
    private(set) var appliedEnd: Offset = 0
    private(set) var loaded: [SnapshotID] = []
    private(set) var removedFiles = 0
    private(set) var established: [LeaderEpoch] = []
    private(set) var leader: NodeID?
    private(set) var error: QuorumError?
    private var nextInbound: InboundRequestID = 1
    private var waiting: [InboundRequestID: (from: QuorumNode, incarnation: Int, id: OutboundRequestID)] = [:]
    private var timer: Instant?

    init(id: NodeID, fileSystem: FileSystemPort, world: QuorumWorld) {
        self.id = id
        self.fileSystem = fileSystem
        self.world = world
    }

    static func record(_ name: String) -> MetadataRecord {
        var topic = TopicRecord()
        topic.name = name
        topic.topicId = TopicID(KafkaUUID(high: 1, low: UInt64(name.utf8.count)))
        return .topic(topic)
    }

    // MARK: The process

    func start() throws {
        precondition(self.driver == nil)
        self.incarnation += 1
        self.names = []
        self.appliedEnd = 0
        self.loaded = []
        self.timer = nil
        let directory = try LogDirectory(
            path: "/data/\(self.id)", cache: OpenFileCache(fileSystem: self.fileSystem, capacity: 16))
        var logConfiguration = LogConfiguration()
        logConfiguration.segmentBytes = 4000
        logConfiguration.fileDeleteDelay = .milliseconds(10)
        let log = try MetadataLog.open(
            in: directory, configuration: logConfiguration, now: self.wallClock, seed: 1)
        var configuration = self.world.configuration
        configuration.raft.local = ReplicaKey(
            id: self.id, directoryID: KafkaUUID(high: 8, low: UInt64(self.id.rawValue)))
        self.log = log
        let driver = try QuorumDriver(configuration, log: log, port: self, seed: self.world.random.next())
        self.driver = driver
        driver.start()
    }

    func kill() {
        self.stop()
        (self.fileSystem as? SimulatedFileSystem)?.restartAfterKill()
    }

    func losePower() {
        self.stop()
        (self.fileSystem as? SimulatedFileSystem)?.restartAfterPowerLoss(seed: self.world.random.next())
    }

    private func stop() {
        self.driver = nil
        self.log = nil
        self.leader = nil
        for (_, waiter) in self.waiting.sorted(by: { $0.key < $1.key }) {
            self.world.schedule(after: self.world.latency()) {
                waiter.from.alive(waiter.incarnation)?.requestFailed(waiter.id, .unreachable)
            }
        }
        self.waiting = [:]
    }

    func alive(_ incarnation: Int) -> QuorumDriver? {
        self.incarnation == incarnation ? self.driver : nil
    }

    // MARK: QuorumPort

    var now: Instant { self.world.now }
    var wallClock: Timestamp { Timestamp(1_700_000_000_000 + self.world.now.nanoseconds / 1_000_000) }

    func send(_ request: QuorumRequest, id: OutboundRequestID, to node: NodeID) {
        let (world, target, incarnation) = (self.world, self.world[node], self.incarnation)
        world.schedule(after: world.latency()) { [self] in
            guard !world.isCut(self.id, node) else { return }
            guard let driver = target.driver else {
                self.alive(incarnation)?.requestFailed(id, .unreachable)
                return
            }
            let inbound = target.nextInbound
            target.nextInbound += 1
            target.waiting[inbound] = (self, incarnation, id)
            driver.receive(try request.reencoded(), id: inbound)
        }
    }

    func respond(_ response: QuorumResponse, to id: InboundRequestID) {
        guard let waiter = self.waiting.removeValue(forKey: id) else { preconditionFailure("answered twice") }
        let world = self.world
        world.schedule(after: world.latency()) { [self] in
            guard !world.isCut(self.id, waiter.from.id) else { return }
            waiter.from.alive(waiter.incarnation)?.receive(try response.reencoded(), to: waiter.id)
        }
    }

    func setTimer(at instant: Instant) {
        self.timer = instant
        let incarnation = self.incarnation
        self.world.schedule(at: instant) { [self] in
            guard self.timer == instant, let driver = self.alive(incarnation) else { return }
            self.timer = nil
            driver.timerFired()
        }
    }

    func perform(_ flush: QuorumFlush) {
        let incarnation = self.incarnation
        self.world.schedule(after: self.world.latency()) { [self] in
            guard let driver = self.alive(incarnation) else { return }
            try flush.perform()
            driver.flushed(flush)
        }
    }

    func remove(_ files: RemovableFiles) {
        self.removedFiles += 1
        self.world.schedule(after: .milliseconds(1)) { try files.perform() }
    }

    func load(_ snapshot: MetadataSnapshot) throws(QuorumError) {
        var names: [String] = []
        try snapshot.forEachBatch { (batch) throws(QuorumError) in names += Self.names(batch.records) }
        precondition(names.count >= self.names.count, "a snapshot does not take back what was committed")
        self.names = names
        self.appliedEnd = snapshot.id.offset
        self.loaded.append(snapshot.id)
    }

    func committed(_ batch: MetadataBatch) {
        precondition(batch.baseOffset == self.appliedEnd, "batches come without gaps")
        self.names += Self.names(batch.records)
        self.appliedEnd = batch.endOffset
    }

    private static func names(_ records: [MetadataRecord]) -> [String] {
        records.map { record in
            guard case .topic(let topic) = record else { preconditionFailure("only topics are appended") }
            return topic.name
        }
    }

    func leaderChanged(to leader: NodeID?, epoch: LeaderEpoch) { self.leader = leader }

    func leadershipEstablished(_ epoch: LeaderEpoch) {
        precondition(self.appliedEnd == self.driver?.state.highWatermark, "everything committed was told before")
        self.established.append(epoch)
    }

    func leadershipLost(_ epoch: LeaderEpoch) {}

    func snapshotIsDue(_ id: SnapshotID, lastContainedTimestamp: Timestamp) {
        let (names, incarnation) = (self.names, self.incarnation)
        self.world.schedule(after: self.world.latency()) { [self] in
            guard let driver = self.alive(incarnation) else { return }
            var writer = try driver.beginSnapshot(id, lastContainedTimestamp: lastContainedTimestamp)
            for name in names { try writer.append(Self.record(name)) }
            try writer.finish()
            driver.snapshotFinished(id)
        }
    }

    func report(_ anomaly: RaftAnomaly) { preconditionFailure("\(anomaly)") }

    func failed(_ error: QuorumError) { self.error = error }
}
