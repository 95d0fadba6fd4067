package import ApusCore
import ClusterMetadata
package import Configuration
import Controller
import EventLoop
import FileSystem
import LogStorage
import Networking
package import Telemetry

/// A node: its directories, its replica of the metadata log, and the roles its configuration gives it, put together on
/// a platform. It starts no thread and waits for nothing.
///
/// Transitions: made (`init`) -> running (`start`) -> leaving (`requestShutdown`) -> ended (the callback `ended`) ->
/// stopped (`stop`). `abandon` takes the place of all that in virtual time, where a process dies.
///
/// Start: directories are locked and read, listeners bound, the quorum joined; the broker role registers as soon as
/// there is a controller. End: the broker role leaves (leadership moves first), its logs are closed, the quorum is left.
/// This owner starts the parts in that order and stops them in the reverse one; nobody else does.
package final class Node: @unchecked Sendable {
    // Unchecked: the stored parts are set in `init` and not changed; each is confined to its own loop.

    package let metrics: MetricRegistry
    package let configuration: BrokerConfiguration
    private let platform: NodePlatform
    let parts: NodeBuilder.Parts
    private let ended: @Sendable (_ clean: Bool) -> Void

    /// Opens everything the node needs; nothing is served and nobody is spoken to before `start`. Outside of all loops.
    ///
    /// - Parameter ended: is called once on the control loop, when the node has left or the controller refuses it;
    ///   `stop` is to follow.
    /// - Throws: `StartError` with one line that says what is in the way.
    package init(
        configuration: BrokerConfiguration, logs: LogSink, metrics: MetricRegistry = MetricRegistry(),
        platform: NodePlatform, ended: @escaping @Sendable (_ clean: Bool) -> Void
    ) throws(StartError) {
        self.configuration = configuration
        self.metrics = metrics
        self.platform = platform
        self.ended = ended
        let builder = NodeBuilder(configuration: configuration, logs: logs, metrics: metrics, platform: platform)
        self.parts = try builder.build(try builder.openDirectories(), ended: ended)
        _ = MetadataMetrics(
            registry: metrics, metadata: self.parts.metadata, nodeID: configuration.nodeID, clock: platform.clock)
    }

    /// Begins to serve; returns at once. The platform's loops run, or will get their turns.
    package func start() {
        for listener in self.parts.controllerListeners { listener.start() }
        self.platform.control.execute {
            if let broker = self.parts.broker { self.parts.channel.setObserver(broker) }
            self.parts.quorum.start()
        }
    }

    /// Reads what may change while the node runs: keys and certificates. Returns at once; from any thread.
    package func reload() {
        let security = self.parts.security
        let isAccepted = self.platform.pool.submit { security.reload() }
        if !isAccepted { security.refuseReload() }
    }

    /// Asks the node to leave: leadership moves away first, then `ended` is called. From any thread.
    package func requestShutdown() {
        self.platform.control.execute {
            if let broker = self.parts.broker {
                broker.requestShutdown()
            } else {
                self.ended(true)
            }
        }
    }

    /// Stops serving, closes every log and leaves the quorum. From any thread; the loops must still run.
    ///
    /// When `completion` runs, on the control loop, everything that was acknowledged is on the disk, the next start
    /// recovers nothing, and the platform may be stopped.
    package func stop(completion: @escaping @Sendable () -> Void) {
        guard let broker = self.parts.broker else {
            self.leaveQuorum(completion)
            return
        }
        broker.stop { self.leaveQuorum(completion) }
    }

    private func leaveQuorum(_ completion: @escaping @Sendable () -> Void) {
        self.platform.control.execute {
            self.parts.channel.close()
            self.parts.quorum.shutDown {
                for listener in self.parts.controllerListeners { listener.stop() }
                self.platform.controlNetwork.closeAll()
                completion()
            }
        }
    }

    /// The node's process is gone: its loops are stopped where they are, its connections and ports closed, and nobody is
    /// told. What the node held is let go of, so that it is asked for nothing after this. Only on a virtual platform,
    /// outside of turns and jobs.
    package func abandon() {
        let data = self.platform.dataNetwork
        for loop in data.loops.loops + [self.platform.control, self.platform.storage] { loop.stop() }
        for listener in self.parts.controllerListeners { listener.abandon() }
        self.parts.broker?.abandon()
        self.parts.channel.abandon()
        data.abandon()
        self.platform.controlNetwork.abandon()
        self.parts.follower.abandon()
        self.parts.quorum.abandon()
    }

    /// How the node is, from any thread.
    package var health: NodeHealth {
        let snapshot = self.parts.metadata.current
        return NodeHealth(
            nodeID: self.configuration.nodeID, isServing: self.isServing(snapshot), controller: snapshot.controller,
            metadataOffset: snapshot.endOffset)
    }

    /// What the metadata says of a process of this node that has ended is no word about this one.
    private func isServing(_ snapshot: PublishedMetadata.Snapshot) -> Bool {
        guard let broker = self.parts.broker else { return snapshot.controller != .none }
        guard let registration = snapshot.image.brokers[self.configuration.nodeID] else { return false }
        return registration.epoch == broker.services.brokerEpoch && !registration.isFenced
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
