import ApusCore
import ClusterMetadata
import Configuration
import Controller
import EventLoop
import FileSystem
import KafkaProtocol
import KafkaStoredMessages
import LogStorage
import Networking
import Telemetry

/// Puts a node together from its configuration.
struct NodeBuilder {
    let configuration: BrokerConfiguration
    let logs: LogSink
    let metrics: MetricRegistry
    let platform: NodePlatform

    /// The directories of the node, locked, and whose they are.
    struct Disks {
        let clusterID: String
        let logDirectories: [LogDirectory]
        let metadataDirectory: LogDirectory
        let metadataDirectoryID: KafkaUUID
    }

    struct Parts {
        let quorum: QuorumRuntime
        let follower: MetadataFollower
        let channel: ControllerChannel
        let broker: BrokerRuntime?
        let metadata: PublishedMetadata
        let security: ListenerSecurity
        let controllerListeners: [Networking.Listener]
    }

    /// Open files that logs may hold at once: room is left under Linux's usual limit for connections.
    private static let openFilesMax = 10_000

    func openDirectories() throws(StartError) -> Disks {
        do throws(LogError) {
            let cache = OpenFileCache(fileSystem: self.platform.fileSystem, capacity: Self.openFilesMax)
            var directories: [String: LogDirectory] = [:]
            for path in self.configuration.allDirectories {
                directories[path] = try LogDirectory(path: path, cache: cache)
            }
            guard let metadata = directories[self.configuration.metadataLog.directory] else {
                preconditionFailure("the metadata directory is among all directories")
            }
            guard let properties = try metadata.metaProperties() else {
                throw LogError(
                    .corruptFile, "\(metadata.path) is not formatted; run 'apus storage format -t ID -c FILE' first")
            }
            guard properties.nodeID == self.configuration.nodeID else {
                throw LogError(
                    .corruptFile,
                    "\(metadata.path) belongs to node \(properties.nodeID), not \(self.configuration.nodeID)")
            }
            return Disks(
                clusterID: properties.clusterID,
                logDirectories: self.configuration.log.directories.compactMap { directories[$0] },
                metadataDirectory: metadata, metadataDirectoryID: properties.directoryID ?? .zero)
        } catch {
            throw StartError(.storage, error.message)
        }
    }

    func build(
        _ disks: Disks, ended: @escaping @Sendable (_ clean: Bool) -> Void
    ) throws(StartError) -> Parts {
        // What is drawn from it, and in which order, makes a history: append to the end.
        var seeds = SeededRandom(seed: self.platform.seed)
        let metadata = PublishedMetadata()
        let follower = MetadataFollower(metadata: metadata, log: self.logs.logger("quorum"))
        let security = ListenerSecurity(configuration: self.configuration, log: self.logs.logger("network"))
        let controllerName = self.configuration.listeners.controllerNames[0]
        let tls = try security.client(controllerName)
        var endpoints: [NodeID: OutgoingConfiguration] = [:]
        for voter in self.configuration.quorum.voters {
            var endpoint = OutgoingConfiguration(host: voter.endpoint.host, port: voter.endpoint.port)
            endpoint.tls = tls
            endpoints[voter.id] = endpoint
        }
        let quorum = try QuorumRuntime(
            configuration: self.configuration, disks: disks, endpoints: endpoints, platform: self.platform,
            follower: follower, log: self.logs.logger("quorum"), seed: seeds.next())
        do throws(StartError) {
            return try self.build(
                disks, quorum, follower, endpoints: endpoints, metadata, security, seeds: &seeds, ended: ended)
        } catch {
            // The parts hold one another: what was opened would stay so.
            follower.abandon()
            quorum.abandon()
            throw error
        }
    }

    private func build(
        _ disks: Disks, _ quorum: QuorumRuntime, _ follower: MetadataFollower,
        endpoints: [NodeID: OutgoingConfiguration], _ metadata: PublishedMetadata, _ security: ListenerSecurity,
        seeds: inout SeededRandom, ended: @escaping @Sendable (_ clean: Bool) -> Void
    ) throws(StartError) -> Parts {
        let channel = ControllerChannel(
            loop: self.platform.control, network: self.platform.controlNetwork, localID: self.configuration.nodeID,
            endpoints: endpoints, log: self.logs.logger("broker"))
        let broker = try self.broker(disks, channel, metadata, security, seed: seeds.next(), ended: ended)
        follower.broker = broker
        follower.channel = channel
        var controllerListeners: [Networking.Listener] = []
        if self.configuration.roles.contains(.controller) {
            let service = self.controllerService(disks, quorum, seed: seeds.next())
            follower.controller = service
            follower.registrar = self.controllerRegistrar(channel, seed: seeds.next())
            controllerListeners = try self.controllerListeners(disks, quorum, service, metadata, security)
        }
        return Parts(
            quorum: quorum, follower: follower, channel: channel, broker: broker, metadata: metadata,
            security: security, controllerListeners: controllerListeners)
    }

    private func broker(
        _ disks: Disks, _ channel: ControllerChannel, _ metadata: PublishedMetadata, _ security: ListenerSecurity,
        seed: UInt64, ended: @escaping @Sendable (_ clean: Bool) -> Void
    ) throws(StartError) -> BrokerRuntime? {
        guard self.configuration.roles.contains(.broker) else { return nil }
        let store: LogStore
        var previousEpoch = BrokerEpoch.unknown
        do throws(LogError) {
            previousEpoch = try disks.logDirectories.first?.cleanShutdownMark()?.brokerEpoch ?? .unknown
            store = try LogStore(
                directories: disks.logDirectories, clusterID: disks.clusterID, nodeID: self.configuration.nodeID,
                log: self.logs.logger("storage"))
        } catch {
            throw StartError(.storage, error.message)
        }
        return try BrokerRuntime(
            BrokerParts(
                configuration: self.configuration, clusterID: disks.clusterID, platform: self.platform,
                metadata: metadata, controllerChannel: channel, security: security, metrics: self.metrics,
                logs: self.logs, seed: seed),
            store: store, previousBrokerEpoch: previousEpoch, ended: ended)
    }

    private func controllerService(_ disks: Disks, _ quorum: QuorumRuntime, seed: UInt64) -> ControllerService {
        ControllerService(
            configuration: self.controllerConfiguration(disks),
            rules: ConfigurationTableRules(layers: self.configuration.layers), bootstrap: quorum.bootstrapRecords,
            metadataLog: quorum,
            probe: BrokerProbe(
                network: self.platform.controlNetwork, loop: self.platform.control,
                listener: self.configuration.listeners.interBrokerName ?? ""),
            loop: self.platform.control, log: self.logs.logger("controller"), seed: seed)
    }

    private func controllerRegistrar(_ channel: ControllerChannel, seed: UInt64) -> ControllerRegistrar {
        var random = SeededRandom(seed: seed)
        return ControllerRegistrar(
            registration: ControllerRegistration(of: self.configuration, incarnationID: .random(using: &random)),
            channel: channel, log: self.logs.logger("controller"))
    }

    private func controllerConfiguration(_ disks: Disks) -> ControllerConfiguration {
        let topics = self.configuration.topicCreation
        var controller = ControllerConfiguration(nodeID: self.configuration.nodeID, clusterID: disks.clusterID)
        controller.defaultPartitionCount = topics.partitionCount
        controller.defaultReplicationFactor = topics.replicationFactor
        controller.minInsyncReplicas = self.configuration.topicDefaults.minInsyncReplicas
        controller.isUncleanLeaderElectionEnabled = self.configuration.topicDefaults.uncleanLeaderElectionEnable
        controller.sessionTimeout = self.configuration.liveness.sessionTimeout
        controller.leaderDiscoveryTime =
            self.configuration.quorum.fetchTimeout + self.configuration.quorum.requestTimeout
        controller.disconnectGrace = self.configuration.liveness.disconnectFencing
        controller.idleIntervalMax = self.configuration.metadataLog.idleIntervalMax ?? .zero
        controller.isLeaderBalancingEnabled = topics.autoLeaderRebalanceEnable
        controller.leaderImbalanceCheckInterval = topics.leaderImbalanceCheckInterval
        controller.uncleanElectionInterval = topics.uncleanElectionInterval
        return controller
    }

    private func controllerListeners(
        _ disks: Disks, _ quorum: QuorumRuntime, _ service: ControllerService,
        _ metadata: PublishedMetadata, _ security: ListenerSecurity
    ) throws(StartError) -> [Networking.Listener] {
        let handlers = ControllerHandlers(service: service)
        let forwardable = handlers.forwardable + [quorum.describeQuorum]
        let envelope = EnvelopeHandler(forwardable: forwardable)
        let controllers = DescribeControllersHandler(metadata: metadata, clusterID: disks.clusterID)
        let configs = DescribeConfigsHandler(configuration: self.configuration, metadata: metadata)
        let table = ServedAPITable(
            forwardable + handlers.internalAPIs + quorum.apis + [
                ServedAPI(.describeConfigs, DescribeConfigsRequest.validVersions) { try configs.handle($0) },
                ServedAPI(.describeCluster, DescribeClusterRequest.validVersions) { try controllers.handle($0) },
                // Answered by the dispatcher from this very table.
                ServedAPI(.apiVersions, ApiVersionsHandler.versions) { _ in },
                ServedAPI(.envelope, EnvelopeRequest.validVersions) { try envelope.handle($0) },
            ])
        var listeners: [Networking.Listener] = []
        for listener in self.configuration.listeners.listeners
        where self.configuration.listeners.isController(listener) {
            let dispatcher = RequestDispatcher(
                table: table,
                apiVersions: ApiVersionsHandler(
                    metadata: metadata, supportedFeatures: SupportedFeatures.ranges, clusterID: disks.clusterID,
                    nodeID: self.configuration.nodeID),
                metrics: RequestMetrics(
                    registry: self.metrics, listener: listener.name, keys: table.apis.map(\.key)),
                log: self.logs.logger("network"),
                closed: ControllerConnections(service: service).closed)
            let configuration = try ListenerConfiguration(listener, security)
            do throws(ListenError) {
                listeners.append(
                    try Networking.Listener(
                        configuration, network: self.platform.controlNetwork, handler: dispatcher))
            } catch {
                throw StartError(.listener, "listener \(listener.name): \(error)")
            }
        }
        return listeners
    }
}

/// Tells the controller of connections that ended.
private final class ControllerConnections: @unchecked Sendable {
    // Unchecked: the controller's listener reports on the quorum's loop, where the service lives; the service asserts
    // that.
    private let service: ControllerService

    init(service: ControllerService) {
        self.service = service
    }

    func closed(_ connection: Connection) {
        self.service.connectionClosed(connection)
    }
}
