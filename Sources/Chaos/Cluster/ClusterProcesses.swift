import ApusCore
import Foundation
import Glibc
import LocalCluster
import Synchronization

/// The processes of one run's cluster, and the faults of processes, disks and clocks. On the thread that made it:
/// nodes end when it does.
final class ClusterProcesses {
    let plan: ClusterPlan
    let program: ClusterProgram
    let addresses: LoopbackAddresses
    private let folder: String
    private var processes: [Int: NodeProcess] = [:]
    private var stopped: Set<Int> = []

    init(plan: ClusterPlan, program: ClusterProgram, addresses: LoopbackAddresses, folder: String) {
        self.plan = plan
        self.program = program
        self.addresses = addresses
        self.folder = folder
    }

    func logFile(of node: Int) -> String { "\(self.folder)/\(node)/server.log" }

    private func dataFolder(of node: Int) -> String { "\(self.folder)/\(node)/data" }

    private func propertiesFile(of node: Int) -> String { "\(self.folder)/\(node)/server.properties" }

    private func diskControlFile(of node: Int) -> String { "\(self.folder)/\(node)/disk-faults" }

    private func clockControlFile(of node: Int) -> String { "\(self.folder)/\(node)/clock-shift" }

    // MARK: Making the cluster

    /// Writes the nodes' files and formats their folders, all at the same time.
    func format(clusterID: String) throws(ChaosError) {
        let settings = NodeSettings(plan: self.plan, addresses: self.addresses)
        var formatting: [(node: Int, process: NodeProcess)] = []
        for node in self.plan.nodes {
            do {
                try FileManager.default.createDirectory(
                    atPath: self.dataFolder(of: node.id), withIntermediateDirectories: true)
                try settings.properties(of: node, dataFolder: self.dataFolder(of: node.id)).write(
                    toFile: self.propertiesFile(of: node.id), atomically: true, encoding: .utf8)
            } catch {
                throw ChaosError(.file, "cannot write the node's folder \(self.folder)/\(node.id): \(error)")
            }
            let arguments = ["storage", "format", "-t", clusterID, "-c", self.propertiesFile(of: node.id)]
            formatting.append((node.id, try self.run(node.id, arguments, log: "format.log", isServer: false)))
        }
        for (node, process) in formatting {
            var status: Int32 = 0
            waitpid(process.pid, &status, 0)
            guard status == 0 else {
                let output = FileManager.default.contents(atPath: "\(self.folder)/\(node)/format.log") ?? Data()
                throw ChaosError(
                    .cluster, "formatting node \(node) failed: \(String(decoding: output, as: UTF8.self))")
            }
        }
    }

    private func run(
        _ node: Int, _ arguments: [String], log: String, isServer: Bool
    ) throws(ChaosError) -> NodeProcess {
        var environment = self.program.environment
        if isServer {
            var libraries = self.program.preloaded
            environment["APUS_SOURCE_ADDRESS"] = self.addresses.host(of: node)
            if let library = self.program.diskFaults {
                libraries.append(library)
                environment["APUS_FAULT_DISK"] = self.diskControlFile(of: node)
                environment["APUS_FAULT_DISK_PREFIX"] = self.dataFolder(of: node)
            }
            if let library = self.program.clockFaults {
                libraries.append(library)
                environment["APUS_FAULT_CLOCK"] = self.clockControlFile(of: node)
            }
            environment["LD_PRELOAD"] = libraries.joined(separator: ":")
        }
        do throws(LocalClusterError) {
            return try NodeProcess.startBound(
                program: self.program.path, arguments: arguments, logFile: "\(self.folder)/\(node)/\(log)",
                environment: environment)
        } catch {
            throw ChaosError(.cluster, error.message)
        }
    }

    // MARK: Processes

    func start(_ node: Int) throws(ChaosError) {
        guard !self.isAlive(node) else { return }
        self.processes[node] = try self.run(
            node, ["server", self.propertiesFile(of: node)], log: "server.log", isServer: true)
    }

    /// The process exists, stopped or not.
    func isAlive(_ node: Int) -> Bool { self.processes[node]?.isRunning ?? false }

    /// Nodes that run and are not stopped.
    var running: [Int] {
        self.plan.nodes.map(\.id).filter { !self.stopped.contains($0) && self.isAlive($0) }
    }

    func kill(_ node: Int) {
        guard let process = self.processes[node] else { return }
        process.send(signal: SIGKILL)
        _ = process.waitUntilEnded(seconds: 5)
        self.stopped.remove(node)
    }

    /// Asks the node to leave; returns at once.
    func terminate(_ node: Int) {
        self.processes[node]?.send(signal: SIGTERM)
    }

    func pause(_ node: Int) {
        self.processes[node]?.send(signal: SIGSTOP)
        self.stopped.insert(node)
    }

    func resume(_ node: Int) {
        self.processes[node]?.send(signal: SIGCONT)
        self.stopped.remove(node)
    }

    /// Ends all nodes at once.
    func killAll() {
        for process in self.processes.values { process.send(signal: SIGKILL) }
        for process in self.processes.values { _ = process.waitUntilEnded(seconds: 5) }
        self.processes = [:]
        self.stopped = []
    }

    // MARK: Disks and clocks

    /// What the node's disk does wrong from now on, in the words of the library; nothing where there is no line.
    func setDiskFaults(_ lines: [String], of node: Int) throws(ChaosError) {
        try self.write(lines.map { $0 + "\n" }.joined(), to: self.diskControlFile(of: node))
    }

    /// How far the node's time of day is ahead of the truth from now on.
    func shiftClock(of node: Int, by shift: Interval) throws(ChaosError) {
        try self.write("shift \(shift.milliseconds)\n", to: self.clockControlFile(of: node))
    }

    private func write(_ text: String, to file: String) throws(ChaosError) {
        do {
            try text.write(toFile: file, atomically: true, encoding: .utf8)
        } catch {
            throw ChaosError(.file, "cannot write \(file): \(error)")
        }
    }
}
