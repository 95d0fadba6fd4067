import ApusCore
import ClusterMetadata
import Configuration
import Controller
import EventLoop
import FileSystem
import KafkaPrimitives
import KafkaProtocol
import KafkaStoredMessages
import LogStorage
import Networking
import Quorum
import Raft
import Telemetry

/// This node's replica of the metadata log: ties the quorum's driver to connections, timers and the disk, and tells the
/// follower of the metadata what is committed. Lives on the control loop.
final class QuorumRuntime: MetadataAppender, QuorumPort, @unchecked Sendable {
    // Unchecked: everything is touched on the control loop only; entry points assert that.

    let loop: EventLoop
    let log: Logger
    private let pool: BlockingPool
    /// Ends the process at once.
    private let halt: @Sendable () -> Void
    private let follower: MetadataFollower
    private let metadataLog: LogStorage.MetadataLog
    private var made: QuorumDriver?
    private let peers: QuorumPeers
    /// Requests that wait for their answers, by the id given to the driver.
    private var inbound: [InboundRequestID: Request] = [:]
    private var nextInboundID: InboundRequestID = 1
    private var timer: TimerID?
    private(set) var leaderEpoch: LeaderEpoch = .unknown
    private var stopped: (() -> Void)?
    private var hasFailed = false

    /// The records with which a new cluster begins: those of `bootstrap.checkpoint`, which formatting wrote.
    let bootstrapRecords: [MetadataRecord]

    init(
        configuration: BrokerConfiguration, disks: NodeBuilder.Disks, endpoints: [NodeID: OutgoingConfiguration],
        platform: NodePlatform, follower: MetadataFollower, log: Logger, seed: UInt64
    ) throws(StartError) {
        let (loop, network) = (platform.control, platform.controlNetwork)
        self.loop = loop
        self.pool = platform.pool
        self.halt = platform.halt
        self.follower = follower
        self.log = log
        do throws(LogError) {
            self.metadataLog = try LogStorage.MetadataLog.open(
                in: disks.metadataDirectory, configuration: Self.logConfiguration(configuration),
                now: loop.clock.wall, seed: 1)
            self.bootstrapRecords = try BootstrapRecords.read(disks.metadataDirectory)
        } catch {
            throw StartError(.storage, error.message)
        }
        self.peers = QuorumPeers(
            endpoints: endpoints, network: network, loop: loop, localID: configuration.nodeID,
            timeout: configuration.quorum.requestTimeout)
        do throws(QuorumError) {
            self.made = try QuorumDriver(
                Self.configuration(configuration, disks), log: self.metadataLog, port: self, seed: seed)
        } catch {
            throw StartError(.storage, "the metadata log in \(disks.metadataDirectory.path) cannot be used: \(error)")
        }
    }

    private var driver: QuorumDriver {
        guard let made = self.made else { preconditionFailure("the driver is made at the end of init") }
        return made
    }

    private static func logConfiguration(_ configuration: BrokerConfiguration) -> LogStorage.LogConfiguration {
        var log = LogStorage.LogConfiguration()
        log.segmentBytes = configuration.metadataLog.segmentBytes
        log.segmentMilliseconds = configuration.metadataLog.segmentAgeMax.milliseconds
        log.retentionMilliseconds = -1
        log.cleanupPolicy = []
        return log
    }

    private static func configuration(
        _ configuration: BrokerConfiguration, _ disks: NodeBuilder.Disks
    ) -> Quorum.QuorumConfiguration {
        let voters = configuration.quorum.voters.map { ReplicaKey(id: $0.id) }
        var raft = RaftConfiguration(
            local: ReplicaKey(id: configuration.nodeID, directoryID: disks.metadataDirectoryID),
            voters: VoterSet(voters))
        raft.electionTimeout = configuration.quorum.electionTimeout
        raft.fetchTimeout = configuration.quorum.fetchTimeout
        raft.electionBackoffMax = configuration.quorum.electionBackoffMax
        raft.requestTimeout = configuration.quorum.requestTimeout
        raft.retryBackoff = configuration.quorum.retryBackoff
        var endpoints: [NodeID: QuorumEndpoint] = [:]
        for voter in configuration.quorum.voters {
            endpoints[voter.id] = QuorumEndpoint(
                listenerName: configuration.listeners.controllerNames[0], host: voter.endpoint.host,
                port: voter.endpoint.port)
        }
        var quorum = Quorum.QuorumConfiguration(raft: raft, clusterID: disks.clusterID, endpoints: endpoints)
        quorum.snapshotBytes = configuration.metadataLog.bytesBetweenSnapshots
        quorum.snapshotInterval = configuration.metadataLog.snapshotIntervalMax ?? .zero
        quorum.retentionBytes = configuration.metadataLog.retentionBytes
        quorum.retentionMilliseconds = configuration.metadataLog.retention?.milliseconds ?? -1
        return quorum
    }

    // MARK: - Life

    func start() {
        self.loop.assertInEventLoop()
        self.driver.start()
        self.housekeep()
    }

    /// Hands leadership over and calls `completion` when the process may end.
    func shutDown(completion: @escaping () -> Void) {
        self.loop.assertInEventLoop()
        self.stopped = completion
        self.driver.shutdown()
        self.checkStopped()
        // A successor that does not answer must not keep this process alive.
        _ = self.loop.schedule(after: .milliseconds(500)) { self.finishStop() }
    }

    /// The node's loops were stopped: lets go of the driver, which holds this.
    func abandon() {
        self.made = nil
        self.stopped = nil
        self.inbound = [:]
    }

    private func checkStopped() {
        if self.driver.state.isReadyToStop { self.finishStop() }
    }

    /// Old segments and snapshots go now and then.
    private func housekeep() {
        _ = self.loop.schedule(after: .seconds(60)) { [weak self] in
            self?.driver.housekeep()
            self?.housekeep()
        }
    }

    private func finishStop() {
        guard let stopped = self.stopped else { return }
        self.stopped = nil
        self.peers.close()
        stopped()
    }

    // MARK: - Requests of other nodes

    /// What the quorum serves on the controller's listener: Fetch (1) 12-18, Vote (52) 0-2, BeginQuorumEpoch (53) 0-1,
    /// EndQuorumEpoch (54) 0-1, FetchSnapshot (59) 0-1, UpdateRaftVoter (82) 0.
    var apis: [ServedAPI] {
        [
            ServedAPI(.fetch, 12...18) { self.receive(.fetch(try $0.decode(FetchRequest.self)), $0) },
            ServedAPI(.vote, VoteRequest.validVersions) { self.receive(.vote(try $0.decode(VoteRequest.self)), $0) },
            ServedAPI(.beginQuorumEpoch, BeginQuorumEpochRequest.validVersions) {
                self.receive(.beginQuorumEpoch(try $0.decode(BeginQuorumEpochRequest.self)), $0)
            },
            ServedAPI(.endQuorumEpoch, EndQuorumEpochRequest.validVersions) {
                self.receive(.endQuorumEpoch(try $0.decode(EndQuorumEpochRequest.self)), $0)
            },
            ServedAPI(.fetchSnapshot, FetchSnapshotRequest.validVersions) {
                self.receive(.fetchSnapshot(try $0.decode(FetchSnapshotRequest.self)), $0)
            },
            ServedAPI(.updateRaftVoter, UpdateRaftVoterRequest.validVersions) {
                $0.respond(self.driver.updateVoter(try $0.decode(UpdateRaftVoterRequest.self)))
            },
        ]
    }

    /// DescribeQuorum (55) 0-2: the leader's view of all replicas; clients reach it through any broker.
    var describeQuorum: ServedAPI {
        ServedAPI(.describeQuorum, DescribeQuorumRequest.validVersions) { request in
            let message = try request.decode(DescribeQuorumRequest.self)
            let response = self.driver.describe(message)
            if let envelope = request.envelope, !self.driver.state.isLeader {
                envelope.refuse(.notController)
            } else {
                request.respond(response)
            }
        }
    }

    private func receive(_ message: QuorumRequest, _ request: Request) {
        self.loop.assertInEventLoop()
        let id = self.nextInboundID
        self.nextInboundID += 1
        self.inbound[id] = request
        self.driver.receive(message, id: id)
    }

    // MARK: - Figures

    /// How this replica of the metadata log is now.
    var figures: QuorumFigures { QuorumFigures(self.driver.state) }

    /// Stored batches of the metadata log, as they are; may wait for the disk.
    func storedBatches(from offset: Offset, to endOffset: Offset, bytesMax: Int) throws(LogError) -> ByteSlice {
        let read = try self.metadataLog.log.read(
            from: offset, maxBytes: bytesMax, minOneBatch: true, endOffset: endOffset)
        guard let region = read.region else { return ByteSlice([]) }
        return try region.contents()
    }

    // MARK: - Appending

    var endOffset: Offset { self.driver.endOffset }

    func append(_ records: [MetadataRecord], isAtomic: Bool) -> Offset? {
        self.driver.append(records, isAtomic: isAtomic)
    }
}

// MARK: - What the driver asks for

extension QuorumRuntime {
    var now: Instant { self.loop.clock.monotonic }

    var wallClock: Timestamp { self.loop.clock.wall }

    func send(_ request: QuorumRequest, id: OutboundRequestID, to node: NodeID) {
        self.peers.send(request, to: node) { [weak self] result in
            guard let self else { return }
            switch result {
            case .success(let response): self.driver.receive(response, to: id)
            case .failure(.unsupported): self.driver.requestIsUnsupported(id)
            case .failure(.failed(let failure)): self.driver.requestFailed(id, failure)
            }
            self.checkStoppedIfAsked()
        }
    }

    private func checkStoppedIfAsked() {
        if self.stopped != nil { self.checkStopped() }
    }

    func respond(_ response: QuorumResponse, to id: InboundRequestID) {
        guard let request = self.inbound.removeValue(forKey: id) else { return }
        switch response {
        case .vote(let message): request.respond(message)
        case .beginQuorumEpoch(let message): request.respond(message)
        case .endQuorumEpoch(let message): request.respond(message)
        case .fetch(let message): request.respond(message)
        case .fetchSnapshot(let message): request.respond(message)
        }
    }

    func setTimer(at instant: Instant) {
        if let timer = self.timer { self.loop.cancel(timer) }
        self.timer = self.loop.schedule(at: instant) { [weak self] in
            self?.timer = nil
            self?.driver.timerFired()
        }
    }

    func perform(_ flush: QuorumFlush) {
        let work: @Sendable () -> Void = {
            do throws(LogError) {
                try flush.perform()
                self.loop.execute { self.driver.flushed(flush) }
            } catch {
                self.loop.execute { self.driver.flushed(flush, failure: error) }
            }
        }
        if !self.pool.submit(work) { work() }
    }

    func remove(_ files: RemovableFiles) {
        self.pool.submit {
            do {
                try files.perform()
            } catch {
                self.log.warn("cannot remove old files of the metadata log", ["error": LogValue("\(error)")])
            }
        }
    }

    func load(_ snapshot: MetadataSnapshot) throws(QuorumError) {
        let id = snapshot.id
        self.log.info("loading a metadata snapshot", ["end": LogValue(id.offset), "epoch": LogValue(id.epoch)])
        var records: [MetadataRecord] = []
        try snapshot.forEachBatch { records.append(contentsOf: $0.records) }
        self.follower.loaded(records, endOffset: id.offset, epoch: id.epoch)
    }

    func committed(_ batch: MetadataBatch) {
        let records = batch.records.enumerated().map { index, record in
            CommittedRecord(record: record, offset: batch.baseOffset + Int64(index), epoch: batch.epoch)
        }
        self.follower.committed(records, endOffset: batch.endOffset)
    }

    func leaderChanged(to leader: NodeID?, epoch: LeaderEpoch) {
        self.follower.leaderChanged(to: leader ?? .none)
    }

    func leadershipEstablished(_ epoch: LeaderEpoch) {
        self.leaderEpoch = epoch
        self.follower.established(leaderHeardAt: self.driver.state.leaderHeardAt)
    }

    func leadershipLost(_ epoch: LeaderEpoch) {
        self.follower.resigned()
    }

    func snapshotIsDue(_ id: SnapshotID, lastContainedTimestamp: Timestamp) {
        let image = self.follower.image
        let plan = self.driver.planSnapshot(id, lastContainedTimestamp: lastContainedTimestamp)
        self.log.info("writing a metadata snapshot", ["end": LogValue(id.offset)])
        let work: @Sendable () -> Void = {
            do throws(QuorumError) {
                try plan.write(image.snapshotRecords())
                self.loop.execute { self.driver.snapshotFinished(id) }
            } catch {
                self.log.error("cannot write a metadata snapshot", ["error": LogValue("\(error)")])
                self.loop.execute { self.driver.snapshotAbandoned(id) }
            }
        }
        if !self.pool.submit(work) { work() }
    }

    func report(_ anomaly: RaftAnomaly) {
        self.log.warn("another replica breaks the quorum's rules", ["what": LogValue("\(anomaly)")])
    }

    func failed(_ error: QuorumError) {
        guard !self.hasFailed else { return }
        self.hasFailed = true
        // What the log holds is safe; a node that cannot write it must not vote or lead.
        self.log.error("the metadata log failed; this node has to end", ["error": LogValue("\(error)")])
        self.halt()
    }
}
