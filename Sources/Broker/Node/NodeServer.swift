import ApusCore
package import Configuration
import EventLoop
import FileSystem
import Glibc
import Networking
import Synchronization
package import Telemetry

/// The process around a node: its threads, its signals, and the thread that waits for the node's end.
package final class NodeServer: Sendable {
    private let configuration: BrokerConfiguration
    private let log: Logger
    private let controlLoops: EventLoopGroup
    private let dataLoops: EventLoopGroup
    private let storage: EventLoop
    private let pool: BlockingPool
    private let node: Node
    private let ending: NodeEnding

    package var metrics: MetricRegistry { self.node.metrics }

    /// Opens everything the node needs; nothing is served and nobody is spoken to before `start`.
    ///
    /// - Throws: `StartError` with one line that says what is in the way.
    package init(configuration: BrokerConfiguration, logs: LogSink) throws(StartError) {
        self.configuration = configuration
        self.log = logs.logger("node")
        do throws(SystemError) {
            // Before any thread is made: threads inherit what is blocked.
            try ProcessSignal.takeOver()
            self.controlLoops = try EventLoopGroup(count: 1, name: "control")
            self.dataLoops = try EventLoopGroup(
                count: min(configuration.network.loopCount, Self.processorCount), name: "data")
            self.storage = try EventLoop(name: "storage")
            self.pool = try BlockingPool(threadCount: min(configuration.network.ioThreadCount, 4), name: "io")
        } catch {
            throw StartError(.system, "cannot make the node's threads: \(error)")
        }
        var random = SystemRandomNumberGenerator()
        let platform = NodePlatform(
            control: Network(loops: self.controlLoops, blocking: self.pool), storage: self.storage,
            data: Network(loops: self.dataLoops, blocking: self.pool), pool: self.pool,
            fileSystem: PosixFileSystem(), seed: random.next(), halt: { exit(1) })
        let ending = NodeEnding()
        self.ending = ending
        self.node = try Node(configuration: configuration, logs: logs, platform: platform) {
            ending.reached(clean: $0)
        }
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
        try self.watchSignals()
        self.node.start()
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

    private func watchSignals() throws(StartError) {
        let control = self.controlLoops.loops[0]
        let done = ThreadSignal()
        let failure = Mutex<SystemError?>(nil)
        control.execute {
            do throws(SystemError) {
                try SignalWatch.begin(on: control) { signal in self.receive(signal) }
            } catch {
                failure.withLock { $0 = error }
            }
            done.signal()
        }
        done.wait()
        if let error = failure.withLock({ $0 }) { throw StartError(.system, "cannot watch for signals: \(error)") }
    }

    /// Waits until the node has ended, after a signal or because the controller refuses it; returns the exit code.
    package func waitUntilEnded() -> Int32 {
        let clean = self.ending.wait()
        let stopped = ThreadSignal()
        self.node.stop { stopped.signal() }
        stopped.wait()
        self.controlLoops.stop()
        self.dataLoops.stop()
        self.storage.stop()
        self.storage.join()
        self.pool.stop()
        self.log.info("ended", ["clean": LogValue("\(clean)")])
        return clean ? 0 : 1
    }

    /// How the node is, from any thread.
    package var health: NodeHealth { self.node.health }

    private func receive(_ signal: ProcessSignal) {
        switch signal {
        case .terminate, .interrupt:
            self.log.info("asked to end", ["signal": LogValue("\(signal)")])
            self.node.requestShutdown()
        case .hangUp:
            self.log.info("asked to reload", ["signal": LogValue("\(signal)")])
            self.node.reload()
        }
    }
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
