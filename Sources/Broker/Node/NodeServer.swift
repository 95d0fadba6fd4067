package import ApusCore
import ClusterMetadata
package import Configuration
import Controller
import EventLoop
import FileSystem
import Glibc
import KafkaProtocol
import KafkaStoredMessages
import LogStorage
import Networking
import Synchronization
package import Telemetry

/// A node: its directories, its threads, its replica of the metadata log, and the roles its configuration gives it.
///
/// Start: directories are locked and read, listeners bound, the quorum joined; the broker role registers as soon as
/// there is a controller. End: the broker role leaves (leadership moves first), its logs are closed, the quorum is left.
/// This owner starts the parts in that order and stops them in the reverse one; nobody else does.
package final class NodeServer: @unchecked Sendable {
    // Unchecked: the stored parts are set in `init` and not changed; each is confined to its own loop.

    package let metrics: MetricRegistry
    private let configuration: BrokerConfiguration
    private let logs: LogSink
    private let log: Logger
    private let controlLoops: EventLoopGroup
    private let controlNetwork: Network
    private let dataLoops: EventLoopGroup
    private let dataNetwork: Network
    private let storage: EventLoop
    private let pool: BlockingPool
    private let quorum: QuorumRuntime
    private let follower: MetadataFollower
    private let channel: ControllerChannel
    private let broker: BrokerRuntime?
    private let metadata: PublishedMetadata
    private let controllerListeners: [Networking.Listener]
    private let ending = NodeEnding()

    private var control: EventLoop { self.controlLoops.loops[0] }

    /// Opens everything the node needs; nothing is served and nobody is spoken to before `start`.
    ///
    /// - Throws: `StartError` with one line that says what is in the way.
    package init(configuration: BrokerConfiguration, logs: LogSink) throws(StartError) {
        self.configuration = configuration
        self.logs = logs
        self.log = logs.logger("node")
        self.metrics = MetricRegistry()
        do throws(SystemError) {
            // Before any thread is made: threads inherit what is blocked.
            try ProcessSignal.takeOver()
            self.controlLoops = try EventLoopGroup(count: 1, name: "control")
            self.dataLoops = try EventLoopGroup(
                count: min(configuration.network.loopCount, NodeServer.processorCount), name: "data")
            self.storage = try EventLoop(name: "storage")
            self.pool = try BlockingPool(threadCount: min(configuration.network.ioThreadCount, 4), name: "io")
        } catch {
            throw StartError(.system, "cannot make the node's threads: \(error)")
        }
        self.controlNetwork = Network(loops: self.controlLoops, blocking: self.pool)
        self.dataNetwork = Network(loops: self.dataLoops, blocking: self.pool)
        let builder = NodeBuilder(configuration: configuration, logs: logs, metrics: self.metrics)
        let disks = try builder.openDirectories()
        let ending = self.ending
        let parts = try builder.build(
            NodeBuilder.Threads(
                control: self.controlLoops.loops[0], controlNetwork: self.controlNetwork, storage: self.storage,
                dataNetwork: self.dataNetwork, pool: self.pool), disks
        ) { ending.reached(clean: $0) }
        self.quorum = parts.quorum
        self.follower = parts.follower
        self.channel = parts.channel
        self.broker = parts.broker
        self.metadata = parts.metadata
        _ = MetadataMetrics(registry: self.metrics, metadata: parts.metadata, nodeID: configuration.nodeID)
        self.controllerListeners = parts.controllerListeners
    }

    private static var processorCount: Int { max(1, Int(sysconf(Int32(_SC_NPROCESSORS_ONLN)))) }

    /// Begins to serve; returns at once.
    package func start() throws(StartError) {
        do throws(SystemError) {
            try self.controlLoops.start()
            try self.dataLoops.start()
            try self.storage.start()
        } catch {
            throw StartError(.system, "cannot start the node's threads: \(error)")
        }
        for listener in self.controllerListeners { listener.start() }
        let started = ThreadSignal()
        let failure = Mutex<StartError?>(nil)
        self.control.execute {
            do throws(SystemError) {
                _ = try SignalWatch.begin(on: self.control) { signal in self.receive(signal) }
            } catch {
                failure.withLock { $0 = StartError(.system, "cannot watch for signals: \(error)") }
            }
            if let broker = self.broker { self.channel.setObserver(broker) }
            self.quorum.start()
            started.signal()
        }
        started.wait()
        if let error = failure.withLock({ $0 }) { throw error }
        let roles = [
            self.configuration.roles.contains(.broker) ? "broker" : nil,
            self.configuration.roles.contains(.controller) ? "controller" : nil,
        ].compactMap(\.self).joined(separator: ",")
        self.log.info(
            "started",
            [
                "version": LogValue(ApusVersion.current), "node": LogValue(self.configuration.nodeID),
                "roles": LogValue(roles),
                "listeners": LogValue(self.configuration.listeners.listeners.map(\.description).joined(separator: ",")),
            ])
    }

    /// Waits until the node has ended, after a signal or because the controller refuses it; returns the exit code.
    package func waitUntilEnded() -> Int32 {
        let clean = self.ending.wait()
        self.broker?.stop()
        let left = ThreadSignal()
        self.control.execute {
            self.channel.close()
            self.quorum.shutDown { left.signal() }
        }
        left.wait()
        for listener in self.controllerListeners { listener.stop() }
        self.controlNetwork.closeAll()
        self.controlLoops.stop()
        self.dataLoops.stop()
        self.storage.stop()
        self.storage.join()
        self.pool.stop()
        self.log.info("ended", ["clean": LogValue("\(clean)")])
        return clean ? 0 : 1
    }

    /// How the node is, from any thread.
    package var health: NodeHealth {
        let snapshot = self.metadata.current
        let isServing =
            snapshot.image.brokers[self.configuration.nodeID].map { !$0.isFenced }
            ?? (!self.configuration.roles.contains(.broker) && snapshot.controller != .none)
        return NodeHealth(
            nodeID: self.configuration.nodeID, isServing: isServing, controller: snapshot.controller,
            metadataOffset: snapshot.endOffset)
    }

    private func receive(_ signal: ProcessSignal) {
        switch signal {
        case .terminate, .interrupt:
            self.log.info("asked to end", ["signal": LogValue("\(signal)")])
            if let broker = self.broker {
                broker.requestShutdown()
            } else {
                self.ending.reached(clean: true)
            }
        case .hangUp:
            self.log.info("ignoring a hang-up", [:])
        }
    }
}

/// How a node is at a moment.
package struct NodeHealth: Equatable, Sendable {
    package var nodeID: NodeID
    /// The broker role is registered and not fenced; a node without it knows a controller.
    package var isServing: Bool
    /// The quorum's leader as far as this node knows.
    package var controller: NodeID
    /// The end of the metadata that this node has applied.
    package var metadataOffset: Offset
}

/// The end of a node's work, for the thread that waits for it.
private final class NodeEnding: Sendable {
    private let isClean = Mutex(true)
    private let signal = ThreadSignal()

    func reached(clean: Bool) {
        self.isClean.withLock { $0 = $0 && clean }
        self.signal.signal()
    }

    func wait() -> Bool {
        self.signal.wait()
        return self.isClean.withLock { $0 }
    }
}
