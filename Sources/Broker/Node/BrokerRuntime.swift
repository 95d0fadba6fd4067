import ApusCore
import ClusterMetadata
import Configuration
import Controller
import EventLoop
import KafkaProtocol
import LogStorage
import Networking
import Replication
import Synchronization
import Telemetry

/// The broker role of a node: registers with the controller, opens its logs as the metadata says, serves clients, and
/// leaves in good order.
///
/// The lifecycle and the metadata live on the control loop; logs are opened on the storage loop; clients are served on
/// the data loops.
final class BrokerRuntime: ControllerChannel.Observer, @unchecked Sendable {
    // Unchecked: what changes is touched on the control loop only, or on the storage loop where it says so; every entry
    // point asserts that.

    let services: BrokerServices
    private let configuration: BrokerConfiguration
    private let control: EventLoop
    private let storage: EventLoop
    private let dataNetwork: Network
    private let store: LogStore
    private let assigner: ReplicaAssigner
    private let fetchers: FetcherPool
    private let housekeeping: Housekeeping
    private let listeners: [Networking.Listener]
    private let log: Logger
    private let zonesLog: Logger
    private let metrics: BrokerMetrics
    private let registry: MetricRegistry
    /// Both live on the storage loop.
    private var zoneRisk: ZoneRiskWatch
    private var isZoneRiskDue = false
    private let incarnationID: KafkaUUID
    private let previousBrokerEpoch: BrokerEpoch
    private var lifecycle: BrokerLifecycle
    private var channel: RequestChannel?
    private var timer: TimerID?
    /// The directories out of service when that was looked at last; on the storage loop.
    private var failedDirectories: [KafkaUUID] = []
    /// The metadata as far as it was replayed before this process was registered.
    private var replayed: Replayed?
    private var isCaughtUp = false
    private var isReady = false
    private var isServing = false
    private var ended: (@Sendable (_ clean: Bool) -> Void)?

    /// - Parameter ended: is called once, on the control loop, when the broker has left or was refused.
    init(
        _ parts: BrokerParts, store: LogStore, previousBrokerEpoch: BrokerEpoch,
        ended: @escaping @Sendable (_ clean: Bool) -> Void
    ) throws(StartError) {
        let configuration = parts.configuration
        self.configuration = configuration
        self.control = parts.platform.control
        self.storage = parts.platform.storage
        self.dataNetwork = parts.platform.dataNetwork
        self.store = store
        self.log = parts.logs.logger("broker")
        self.previousBrokerEpoch = previousBrokerEpoch
        self.ended = ended
        var random = SeededRandom(seed: parts.seed)
        self.incarnationID = .random(using: &random)
        let services = BrokerServices(
            configuration: configuration, clusterID: parts.clusterID, metadata: parts.metadata,
            loops: ServingLoops(group: parts.platform.dataNetwork.loops), controller: parts.controllerChannel,
            storageWork: StorageWork(pool: parts.platform.pool, log: parts.logs.logger("storage")),
            log: parts.logs.logger("replica"), clock: parts.platform.clock, seed: random.next())
        self.services = services
        let security = parts.security
        let interBroker = configuration.listeners.interBrokerName ?? ""
        self.fetchers = FetcherPool(
            services: services, network: parts.platform.dataNetwork, listener: interBroker,
            tls: try security.client(interBroker))
        self.assigner = ReplicaAssigner(
            loop: parts.platform.storage, services: services, store: store, fetchers: self.fetchers, seed: random.next()
        )
        self.housekeeping = Housekeeping(loop: parts.platform.storage, services: services, store: store)
        self.lifecycle = BrokerLifecycle(
            timing: BrokerLifecycle.Timing(
                heartbeatInterval: configuration.liveness.heartbeatInterval,
                leaveTimeout: configuration.liveness.controlledShutdownEnable ? .seconds(30) : .zero))
        var listeners: [Networking.Listener] = []
        for listener in configuration.listeners.listeners where !configuration.listeners.isController(listener) {
            listeners.append(try Self.listener(listener, services, parts))
        }
        self.listeners = listeners
        self.registry = parts.metrics
        self.metrics = BrokerMetrics(registry: parts.metrics, services: services, store: store)
        self.zoneRisk = ZoneRiskWatch(
            localID: configuration.nodeID, defaultMinInsyncReplicas: configuration.topicDefaults.minInsyncReplicas)
        self.zonesLog = parts.logs.logger("zones")
        services.storageWork.failures.setHandler { [weak self] partition in
            guard let self else { return }
            self.storage.execute { self.logFailed(partition) }
        }
    }

    private static func listener(
        _ listener: Configuration.Listener, _ services: BrokerServices, _ parts: BrokerParts
    ) throws(StartError) -> Networking.Listener {
        let table = BrokerAPIs.table(services)
        let dispatcher = RequestDispatcher(
            table: table,
            apiVersions: ApiVersionsHandler(
                metadata: parts.metadata, supportedFeatures: SupportedFeatures.ranges, clusterID: parts.clusterID,
                nodeID: parts.configuration.nodeID),
            metrics: RequestMetrics(
                registry: parts.metrics, listener: listener.name, keys: table.apis.map(\.key)),
            log: parts.logs.logger("network"))
        let configuration = try ListenerConfiguration(listener, parts.security)
        do {
            return try Networking.Listener(
                configuration, network: parts.platform.dataNetwork, handler: dispatcher)
        } catch {
            throw StartError(.listener, "listener \(listener.name): \(error)")
        }
    }

    // MARK: - Metadata

    private struct Replayed {
        let image: MetadataImage
        let controller: NodeID
    }

    /// New committed metadata. Handlers see it once the replicas follow it.
    ///
    /// No log is touched before the metadata holds the registration of this process, which comes after all that was
    /// committed before it started: what is replayed until then tells of topics that are long gone, and whose folders
    /// may be others' by now.
    func apply(_ publication: MetadataPublication, controller: NodeID) {
        self.control.assertInEventLoop()
        guard self.isCaughtUp else {
            self.replayed = Replayed(image: publication.image, controller: controller)
            self.services.metadata.publish(
                PublishedMetadata.Snapshot(
                    image: publication.image, endOffset: publication.image.lastOffset + 1, controller: controller))
            self.catchUp()
            return
        }
        self.follow(publication, controller: controller, isFirst: false)
    }

    /// Takes over all of the metadata at once, where it has come so far.
    private func catchUp() {
        guard let replayed = self.replayed,
            let registration = replayed.image.brokers[self.configuration.nodeID],
            registration.epoch == self.lifecycle.brokerEpoch
        else { return }
        self.isCaughtUp = true
        self.replayed = nil
        let delta = MetadataDelta(from: MetadataImage(), to: replayed.image)
        self.follow(
            MetadataPublication(image: replayed.image, delta: delta), controller: replayed.controller, isFirst: true)
    }

    private func follow(_ publication: MetadataPublication, controller: NodeID, isFirst: Bool) {
        self.storage.execute {
            let before = self.services.metadata.current.image
            self.services.traffic.add(
                LeadershipChanges(from: before, to: publication, localID: self.configuration.nodeID))
            self.assigner.apply(publication)
            if isFirst { self.assigner.setStraysAside(publication.image) }
            self.checkDirectories()
            let end = publication.image.lastOffset + 1
            self.services.metadata.publish(
                PublishedMetadata.Snapshot(image: publication.image, endOffset: end, controller: controller))
            self.watchZones(publication)
            self.control.execute { self.applied(publication.image) }
        }
    }

    /// Looks at the zones a moment after something has changed, once for all changes until then.
    private func watchZones(_ publication: MetadataPublication) {
        if !publication.delta.changedBrokers.isEmpty { self.metrics.countZones(publication.image.zones, self.registry) }
        guard ZoneRiskWatch.isAffected(by: publication.delta), !self.isZoneRiskDue else { return }
        self.isZoneRiskDue = true
        _ = self.storage.schedule(after: ZoneRiskWatch.interval) { [weak self] in
            guard let self else { return }
            self.isZoneRiskDue = false
            self.zoneRisk.look(at: self.services.metadata.current.image)?.write(to: self.zonesLog)
        }
    }

    private func applied(_ image: MetadataImage) {
        self.perform(self.lifecycle.metadataApplied(image.lastOffset, now: self.control.now))
        guard let registration = image.brokers[self.configuration.nodeID],
            registration.epoch == self.lifecycle.brokerEpoch
        else { return }
        if !self.isReady {
            self.isReady = true
            self.housekeeping.start()
            self.perform(self.lifecycle.logsLoaded(now: self.control.now))
        }
        // A fenced broker would tell clients of a cluster without brokers, and some of them give up on that. Their
        // connections wait in the listeners' backlogs meanwhile.
        if !self.isServing, !registration.isFenced {
            self.isServing = true
            for listener in self.listeners { listener.start() }
        }
    }

    // MARK: - Log directories

    /// A file failed: of this replica's log, or something that the store has taken note of itself.
    private func logFailed(_ partition: Partition?) {
        self.storage.assertInEventLoop()
        if let partition { self.store.fail(directoryOf: partition.id) }
        self.checkDirectories()
    }

    /// Stops what is in directories that went out of service, and tells the controller; without any left the broker ends.
    private func checkDirectories() {
        let failed = self.store.failedDirectoryIDs
        guard failed != self.failedDirectories else { return }
        self.failedDirectories = failed
        self.assigner.stopFailed()
        self.control.execute {
            guard failed.count < self.store.directories.count else {
                self.log.error("no log directory is left; this broker has to end", [:])
                self.end(clean: false)
                return
            }
            self.perform(self.lifecycle.directoriesFailed(now: self.control.now))
        }
    }

    // MARK: - Controller

    func controllerConnected(_ channel: RequestChannel) {
        self.channel = channel
        self.perform(self.lifecycle.controllerConnected(now: self.control.now))
    }

    func controllerLost() {
        self.channel = nil
        self.perform(self.lifecycle.controllerLost(now: self.control.now))
    }

    /// Leadership moves away first; then the broker ends.
    func requestShutdown() {
        self.control.assertInEventLoop()
        self.perform(self.lifecycle.shutdownRequested(now: self.control.now))
    }

    private func perform(_ effects: [BrokerLifecycle.Effect]) {
        for effect in effects { self.perform(effect) }
    }

    private func perform(_ effect: BrokerLifecycle.Effect) {
        switch effect {
        case .sendRegistration:
            self.sendRegistration()
        case .sendHeartbeat(let epoch, let offset, let wantFence, let wantShutDown):
            self.sendHeartbeat(epoch, offset, wantFence: wantFence, wantShutDown: wantShutDown)
        case .setTimer(let instant):
            if let timer = self.timer { self.control.cancel(timer) }
            self.timer = self.control.schedule(at: instant) {
                self.timer = nil
                self.perform(self.lifecycle.timerFired(now: self.control.now))
            }
        case .registered(let epoch):
            self.services.brokerEpoch = epoch
            self.log.info("registered", ["epoch": LogValue(epoch)])
            if !self.isCaughtUp { self.catchUp() }
        case .unfenced:
            self.log.info("serving", [:])
        case .fenced:
            self.log.warn("fenced by the controller", [:])
        case .end(let clean):
            self.end(clean: clean)
        case .fail(let error):
            self.log.error("the controller refuses this broker", ["error": LogValue(error)])
            self.end(clean: false)
        }
    }

    private func end(clean: Bool) {
        let ended = self.ended
        self.ended = nil
        ended?(clean)
    }

    private func sendRegistration() {
        var request = BrokerRegistrationRequest()
        request.brokerId = self.configuration.nodeID
        request.clusterId = self.services.clusterID
        request.incarnationId = self.incarnationID
        request.rack = self.configuration.rack
        request.previousBrokerEpoch = self.previousBrokerEpoch
        request.logDirs = self.store.directories.map(\.id).sorted()
        request.listeners = self.configuration.listeners.advertised.map { listener in
            var answer = BrokerRegistrationRequest.Listener()
            answer.name = listener.name
            answer.host = listener.host
            answer.port = listener.port
            answer.securityProtocol = listener.securityProtocol.rawValue
            return answer
        }
        request.features = SupportedFeatures.ranges.sorted { $0.key < $1.key }.map { name, range in
            var feature = BrokerRegistrationRequest.Feature()
            feature.name = name
            feature.minSupportedVersion = range.min
            feature.maxSupportedVersion = range.max
            return feature
        }
        self.channel?.send(request, timeout: self.configuration.network.requestTimeout) { [weak self] result in
            guard let self, case .success(let response) = result else { return }
            self.perform(
                self.lifecycle.registrationAnswered(
                    response.errorCode, epoch: response.brokerEpoch, now: self.control.now))
        }
    }

    private func sendHeartbeat(_ epoch: BrokerEpoch, _ offset: Offset, wantFence: Bool, wantShutDown: Bool) {
        var request = BrokerHeartbeatRequest()
        request.brokerId = self.configuration.nodeID
        request.brokerEpoch = epoch
        request.currentMetadataOffset = offset
        request.wantFence = wantFence
        request.wantShutDown = wantShutDown
        request.offlineLogDirs = self.store.failedDirectoryIDs
        self.channel?.send(request, timeout: self.configuration.network.requestTimeout) { [weak self] result in
            guard let self, case .success(let response) = result else { return }
            self.perform(
                self.lifecycle.heartbeatAnswered(
                    response.errorCode, isFenced: response.isFenced, shouldShutDown: response.shouldShutDown,
                    now: self.control.now))
        }
    }

    // MARK: - Ending

    /// Stops serving and closes every log. From any thread.
    ///
    /// When `completion` runs, on the storage loop, everything that was acknowledged is on the disk and the next start
    /// recovers nothing.
    func stop(completion: @escaping @Sendable () -> Void) {
        for listener in self.listeners { listener.stop() }
        self.dataNetwork.closeAll()
        self.fetchers.stop()
        self.storage.execute {
            self.housekeeping.stop()
            let partitions = self.services.replicas.all
            var effects = ReplicaEffects()
            for partition in partitions { partition.stop(refusal: .notLeaderOrFollower, effects: &effects) }
            do {
                try self.store.close(partitions, brokerEpoch: self.services.brokerEpoch)
                self.log.info("closed all logs", ["partitions": LogValue(partitions.count)])
            } catch {
                self.log.error(
                    "cannot close the logs cleanly; the next start recovers them", ["error": LogValue("\(error)")])
            }
            completion()
        }
    }

    /// The node's loops were stopped: frees the ports, and lets go of whoever waits for something.
    func abandon() {
        for listener in self.listeners { listener.abandon() }
        self.services.loops.abandon()
        self.services.producerIDs.abandon()
        self.channel = nil
    }
}

/// What the roles of a node share.
struct BrokerParts {
    var configuration: BrokerConfiguration
    var clusterID: String
    var platform: NodePlatform
    var metadata: PublishedMetadata
    var controllerChannel: ControllerChannel
    var security: ListenerSecurity
    var metrics: MetricRegistry
    var logs: LogSink
    var seed: UInt64
}
