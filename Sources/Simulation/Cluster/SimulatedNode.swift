package import ApusCore
package import Broker
package import Configuration
import EventLoop
package import FileSystem
import Glibc
import KafkaPrimitives
import Networking
package import SimulatedStorage
import StorageFormat
import Telemetry

/// A node of a simulated cluster: its machine and its disk, and the process that runs on them for as long as it does.
///
/// Transitions: stopped -> running (`start`) -> leaving (`shutDown`, or the controller refuses it) -> stopped; running or
/// leaving -> stopped (`kill`, `losePower`, or the node ends itself because its metadata log failed).
package final class SimulatedNode: DiskObserver, @unchecked Sendable {
    // Unchecked: used by the thread that runs the world only.

    package enum State: Hashable, Sendable {
        case stopped
        case running
        case leaving
    }

    package unowned let world: World
    package let shape: NodeShape
    package let machine: SimulatedMachine
    package private(set) lazy var disk = SimulatedFileSystem(observer: self)
    package private(set) var state = State.stopped
    /// The production node, while it runs.
    package private(set) var node: Node?
    package private(set) var host: SimulatedHost?
    /// Why the last start failed; nil where it did not.
    package private(set) var startFailure: StartError?
    /// Properties of the next start, over those of the cluster.
    package var overrides: [String: String] = [:]
    /// How often it was started.
    package private(set) var starts = 0
    /// How often the node was given a disk on which nothing of its metadata is left.
    package private(set) var emptiedCount = 0

    /// Bits of its records have turned and its disk was not replaced since: what it has is not compared.
    package private(set) var isRotten = false

    /// Reads of records that returned a bit that is another one in the file.
    package private(set) var flippedReads = 0
    /// About so many reads pass between two of those; nil where all return what is there.
    private var flipInterval: Int?
    private var readsToFlip = 0

    /// What it takes to read a batch again that was read wrongly.
    private static let readsAgainMax = 8

    private unowned let cluster: SimulatedCluster
    private var random: SeededRandom
    private var flipRandom: SeededRandom
    private var isEnding = false
    /// `crash` was called, and the process still runs.
    package private(set) var isCrashPlanned = false
    /// What the crash that was planned takes with it.
    private var crashLosesPower = false
    /// What happens at the moment of the crash that was planned.
    private var crashed: (() -> Void)?

    init(shape: NodeShape, cluster: SimulatedCluster, machine: SimulatedMachine, random: RandomTree) {
        self.world = cluster.world
        self.cluster = cluster
        self.shape = shape
        self.machine = machine
        self.random = random.generator
        self.flipRandom = random.branch("flips").generator
    }

    package var id: NodeID { self.shape.id }
    package var isRunning: Bool { self.state != .stopped }

    // MARK: - Preparing

    /// The configuration of the next start.
    package func configuration() throws(ConfigurationError) -> BrokerConfiguration {
        var properties = Properties()
        for (key, value) in self.cluster.properties(of: self) {
            properties.set(Property(key: key, value: self.overrides[key] ?? value, origin: .commandLine))
        }
        for key in self.overrides.keys.sorted() where properties[key] == nil {
            properties.set(Property(key: key, value: self.overrides[key] ?? "", origin: .commandLine))
        }
        return try BrokerConfiguration(properties: properties)
    }

    /// Formats the directories that are not formatted.
    package func format() {
        do {
            let configuration = try self.configuration()
            for path in configuration.allDirectories where try self.disk.attributes(path) == nil {
                try self.disk.createDirectory(path)
            }
            try self.disk.synchronizeDirectory("/")
            let formatter = StorageFormatter(
                configuration: configuration, clusterID: self.cluster.clusterID, ignoresFormatted: true,
                fileSystem: self.disk)
            _ = try formatter.format(now: self.machine.clock.wall(at: self.world.now), using: &self.random)
        } catch {
            preconditionFailure("node \(self.id) cannot be formatted: \(error)")
        }
    }

    // MARK: - Life

    /// Starts the process. A start that the node refuses leaves it stopped, with `startFailure`.
    package func start() {
        precondition(self.state == .stopped, "node \(self.id) runs already")
        self.starts += 1
        self.startFailure = nil
        self.isEnding = false
        let host = self.world.makeHost(on: self.machine.name)
        self.host = host
        host.disk = self.disk
        host.died = { [weak self, weak host] in
            guard let self, let host else { return }
            self.halt(host, "dies within a write", losingPower: self.crashLosesPower, then: self.crashed)
        }
        self.world.note(.fault, host: host.number, "\(self.machine.name) starts")
        do {
            let node = try Node(
                configuration: try self.configuration(), logs: self.logs(host), platform: self.platform(host)
            ) { [weak self, weak host] _ in
                guard let self, let host else { return }
                self.nodeEnded(host)
            }
            self.node = node
            self.state = .running
            node.start()
        } catch let error as StartError {
            self.startFailure = error
            self.world.note(.fault, host: host.number, "\(self.machine.name) cannot start: \(error)")
            self.endHost(losingPower: false)
            self.disk.restartAfterKill()
        } catch {
            preconditionFailure("node \(self.id) has a configuration that no node can have: \(error)")
        }
    }

    /// The node's log is part of the trace.
    private func logs(_ host: SimulatedHost) -> LogSink {
        let number = host.number
        return LogSink(levels: self.cluster.logLevels) { [weak self] line in
            self?.world.note(.check, host: number, line.summary)
        }
    }

    private func platform(_ host: SimulatedHost) -> NodePlatform {
        let pool = BlockingPool(host: host)
        let control = EventLoopGroup([host.makeLoop("control")])
        let data = EventLoopGroup((0..<self.cluster.shape.dataLoops).map { host.makeLoop("data-\($0)") })
        return NodePlatform(
            control: Network(loops: control, blocking: pool, virtual: host.sockets),
            storage: host.makeLoop("storage"),
            data: Network(loops: data, blocking: pool, virtual: host.sockets),
            pool: pool, fileSystem: self.disk, seed: host.nextSeed()
        ) { [weak self, weak host] in
            guard let self, let host else { return }
            self.halt(host, "ended itself")
        }
    }

    /// The node has left, or was refused: what remains is closing its logs.
    private func nodeEnded(_ host: SimulatedHost) {
        guard host === self.host, let node = self.node else { return }
        self.state = .leaving
        node.stop { [weak self, weak host] in
            guard let self, let host, host === self.host else { return }
            // Not within the turn that says so.
            self.world.schedule(after: .zero, .fault, host: host.number, label: "\(self.machine.name) ends") {
                guard host === self.host else { return }
                self.end(losingPower: false)
            }
        }
    }

    /// The process ends in the middle of what it does: nothing it does from now on has an effect.
    func halt(
        _ host: SimulatedHost, _ reason: String, losingPower: Bool = false, then next: (() -> Void)? = nil
    ) {
        guard host === self.host, !self.isEnding else { return }
        self.isEnding = true
        host.halt()
        self.world.schedule(after: .zero, .fault, host: host.number, label: "\(self.machine.name) \(reason)") {
            guard host === self.host else { return }
            self.end(losingPower: losingPower)
            next?()
        }
    }

    /// `kill -9`: what was written is in the page cache. Not within a turn.
    package func kill() {
        guard self.isRunning else { return }
        self.world.note(.fault, host: self.host?.number ?? -1, "\(self.machine.name) is killed")
        self.end(losingPower: false)
    }

    /// The machine loses its power: what was not synchronized is lost, or not. Not within a turn.
    package func losePower() {
        self.world.note(.fault, host: self.host?.number ?? -1, "\(self.machine.name) loses its power")
        if self.isRunning {
            self.end(losingPower: true)
        } else {
            self.machine.hasPower = false
            self.loseUnsynchronized()
        }
    }

    /// The process ends within one of its next operations on the disk, which may be half done; then `crashed` is called.
    package func crash(afterOperations count: Int, losingPower: Bool, crashed: (() -> Void)? = nil) {
        guard self.isRunning else { return }
        self.crashLosesPower = losingPower
        self.crashed = crashed
        self.isCrashPlanned = true
        self.disk.crash(afterOperations: count)
    }

    /// Takes a planned crash back.
    package func cancelCrash() {
        guard self.isCrashPlanned else { return }
        self.isCrashPlanned = false
        self.disk.crash(afterOperations: nil)
    }

    /// Whether a log, or the node's place among the replicas, is lost until the next start.
    package var hasFailedLog: Bool { self.node?.replicas.contains { $0.figures.isLogFailed } ?? false }

    /// What may be made to fail on a disk.
    package enum DiskOperation: Hashable, Sendable {
        case read, write, synchronize
    }

    package func failDisk(_ operation: DiskOperation, _ fails: Bool) {
        switch operation {
        case .read: self.disk.fail(.read, errno: fails ? EIO : 0)
        case .write: self.disk.fail(.write, errno: fails ? EIO : 0)
        case .synchronize: self.disk.fail(.synchronize, errno: fails ? EIO : 0)
        }
    }

    /// Asks the node to leave in good order.
    package func shutDown() {
        guard self.state == .running, let node = self.node else { return }
        self.state = .leaving
        self.world.note(.fault, host: self.host?.number ?? -1, "\(self.machine.name) is asked to leave")
        node.requestShutdown()
    }

    /// Stops the process where it stands, as SIGSTOP does, until `resume`.
    package func pause() { self.host?.pause() }

    package func resume() { self.host?.resume() }

    /// Replaces the disk of a stopped node by an empty one, and formats it. The metadata log survives where it has a
    /// directory, and so a disk, of its own.
    package func replaceDisk() {
        precondition(self.state == .stopped, "disks are replaced in a machine that stands still")
        self.isRotten = false
        self.world.note(.fault, "\(self.machine.name) gets an empty disk")
        // The new one works.
        for operation in [DiskOperation.read, .write, .synchronize] { self.failDisk(operation, false) }
        self.disk.limit(bytes: nil)
        if self.shape.hasMetadataDirectory {
            do {
                try self.disk.removeTree(ClusterShape.logDirectory)
                try self.disk.synchronizeDirectory("/")
            } catch {
                preconditionFailure("cannot empty the disk of node \(self.id): \(error)")
            }
        } else {
            self.disk.restartWithNewDisk()
            self.emptiedCount += 1
        }
        self.format()
    }

    /// Turns a bit in a batch of about every second segment of topics. Returns whether there was any.
    package func rot() -> Bool {
        var turned = 0
        let paths = self.disk.files(under: ClusterShape.logDirectory + "/").filter { $0.hasSuffix(".log") }
        let certain = paths.randomElement(using: &self.random)
        for path in paths {
            guard path == certain || Bool.random(using: &self.random),
                let place = StoredBit.choose(in: self.disk.content(of: path) ?? [], &self.random)
            else { continue }
            self.disk.corrupt(path, at: place.offset, flipping: place.mask)
            turned += 1
        }
        guard turned > 0 else { return false }
        self.isRotten = true
        self.world.note(.fault, "\(self.machine.name) has \(turned) bits that turned")
        return true
    }

    /// From now on about one read of records in so many returns a bit that has turned; nil ends it.
    package func flipReads(oneIn interval: Int?) {
        self.flipInterval = interval
        self.drawNextFlip()
    }

    private func drawNextFlip() {
        guard let interval = self.flipInterval else { return }
        self.readsToFlip = Int.random(in: 0...(2 * interval), using: &self.flipRandom)
    }

    private func end(losingPower: Bool) {
        guard let host = self.host else { return }
        let node = self.node
        self.node = nil
        self.state = .stopped
        self.isCrashPlanned = false
        for loop in host.loops { loop.stop() }
        node?.abandon()
        self.endHost(losingPower: losingPower)
        if losingPower { self.loseUnsynchronized() } else { self.disk.restartAfterKill() }
    }

    private func endHost(losingPower: Bool) {
        self.host?.end(losingPower: losingPower)
        self.host = nil
        self.state = .stopped
    }

    private func loseUnsynchronized() {
        self.disk.restartAfterPowerLoss(
            seed: self.random.next(), misdirecting: self.cluster.faultModel.misdirectsWrites)
    }

    // MARK: - DiskObserver

    package func diskWorks(_ operation: FileSystemError.Operation, bytes: Int) -> Int64 {
        self.world.trace.mix(UInt64(bytes) << 8 | UInt64(operation == .write ? 1 : 2))
        if let host = self.host, operation == .synchronize || operation == .synchronizeDirectory {
            host.wait(self.machine.diskDelay(&self.random))
        }
        return self.machine.clock.wall(at: self.world.now).rawValue
    }

    package func diskReturns(_ bytes: UnsafeMutableRawBufferPointer, at offset: Int, of path: String) {
        guard self.flipInterval != nil, !self.world.isWatched, path.hasSuffix(".log") else { return }
        self.readsToFlip -= 1
        guard self.readsToFlip < 0, let content = self.disk.content(of: path),
            let bit = StoredBit.choose(in: content, within: offset..<offset + bytes.count, &self.flipRandom)
        else { return }
        bytes[bit.offset - offset] ^= bit.mask
        self.flippedReads += 1
        self.drawNextFlip()
        // Who reads again, which takes a few reads, finds what is there.
        self.readsToFlip += Self.readsAgainMax
        self.world.note(.fault, host: self.host?.number ?? -1, "a bit of \(path) at \(bit.offset) is read wrongly")
    }
}
