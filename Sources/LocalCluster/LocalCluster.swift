import Foundation
import Glibc

/// The nodes of one cluster under a folder: formats, starts, kills, restarts and stops them.
package struct LocalCluster: Sendable {
    package let folder: String
    package let layout: ClusterLayout
    /// The broker program: `PROGRAM storage format ...` and `PROGRAM server FILE`.
    package let program: String

    /// Opens the cluster described in `folder`.
    ///
    /// - Throws: `unknownNode` where there is none, `damagedDescription` where it cannot be read.
    package init(opening folder: String, program: String) throws(LocalClusterError) {
        guard let contents = FileManager.default.contents(atPath: "\(folder)/cluster.json") else {
            throw LocalClusterError(.unknownNode, "there is no cluster in \(folder); 'apus cluster up' makes one")
        }
        guard let description = ClusterDescription(json: contents) else {
            throw LocalClusterError(.damagedDescription, "\(folder)/cluster.json is not a cluster's description")
        }
        self.folder = folder
        self.layout = description.layout
        self.program = program
    }

    /// Describes a new cluster in `folder` and formats its nodes; a node that is formatted already is left alone.
    package init(
        creating layout: ClusterLayout, in folder: String, program: String
    ) throws(LocalClusterError) {
        self.folder = folder
        self.layout = layout
        self.program = program
        do {
            for node in self.nodes {
                try FileManager.default.createDirectory(
                    atPath: self.path(of: node), withIntermediateDirectories: true)
                let text = layout.properties(of: node, dataFolder: "\(self.path(of: node))/data")
                try text.write(toFile: self.propertiesFile(of: node), atomically: true, encoding: .utf8)
            }
            try ClusterDescription(layout: layout).json.write(to: URL(fileURLWithPath: "\(folder)/cluster.json"))
        } catch {
            throw LocalClusterError(.folder, "cannot write the cluster's folder \(folder): \(error)")
        }
        for node in self.nodes { try self.format(node) }
    }

    package var nodes: Range<Int> { 0..<self.layout.nodeCount }

    package func path(of node: Int) -> String { "\(self.folder)/\(node)" }

    package func propertiesFile(of node: Int) -> String { "\(self.path(of: node))/server.properties" }

    package func logFile(of node: Int) -> String { "\(self.path(of: node))/server.log" }

    /// The node's process, nil where it does not run.
    package func process(of node: Int) -> NodeProcess? {
        guard let contents = FileManager.default.contents(atPath: "\(self.path(of: node))/process") else { return nil }
        let words = String(decoding: contents, as: UTF8.self).split(whereSeparator: \.isWhitespace)
        guard words.count == 2, let pid = Int32(words[0]), let start = UInt64(words[1]) else { return nil }
        let process = NodeProcess(pid: pid, startTicks: start)
        return process.isRunning ? process : nil
    }

    /// Starts a node that does not run; it may not serve yet when this returns.
    @discardableResult
    package func start(_ node: Int) throws(LocalClusterError) -> NodeProcess {
        try self.checkKnown(node)
        if let running = self.process(of: node) { return running }
        let process = try NodeProcess.start(
            program: self.program, arguments: ["server", self.propertiesFile(of: node)], logFile: self.logFile(of: node)
        )
        do {
            try "\(process.pid) \(process.startTicks)\n".write(
                toFile: "\(self.path(of: node))/process", atomically: true, encoding: .utf8)
        } catch {
            process.send(signal: SIGKILL)
            throw LocalClusterError(.folder, "cannot write \(self.path(of: node))/process: \(error)")
        }
        return process
    }

    /// Ends a node as a power cut would end the process: no warning, nothing flushed.
    package func kill(_ node: Int) throws(LocalClusterError) {
        try self.checkKnown(node)
        guard let process = self.process(of: node) else { return }
        process.send(signal: SIGKILL)
        guard process.waitUntilEnded(seconds: 5) else {
            throw LocalClusterError(.notReady, "node \(node) (pid \(process.pid)) is still there 5 s after kill -9")
        }
    }

    /// Asks every running node to leave, and waits; one that has not left after `seconds` is killed.
    package func stop(_ nodes: some Sequence<Int>, seconds: Double = 30) {
        let processes = nodes.compactMap { self.process(of: $0) }
        for process in processes { process.send(signal: SIGTERM) }
        for process in processes where !process.waitUntilEnded(seconds: seconds) {
            process.send(signal: SIGKILL)
            _ = process.waitUntilEnded(seconds: 5)
        }
    }

    /// Waits until the node accepts connections on its client port.
    package func waitUntilListening(_ node: Int, seconds: Double = 30) throws(LocalClusterError) {
        let port = self.layout.clientPort(of: node)
        let ready = pollUntil(seconds: seconds) {
            Self.accepts(port: port) || self.process(of: node) == nil
        }
        guard ready, self.process(of: node) != nil else {
            throw LocalClusterError(
                .notReady, "node \(node) does not serve port \(port); see \(self.logFile(of: node))")
        }
    }

    private func checkKnown(_ node: Int) throws(LocalClusterError) {
        guard self.nodes.contains(node) else {
            throw LocalClusterError(.unknownNode, "there is no node \(node); the cluster has nodes \(self.nodes)")
        }
    }

    private func format(_ node: Int) throws(LocalClusterError) {
        let process = try NodeProcess.start(
            program: self.program,
            arguments: [
                "storage", "format", "--ignore-formatted", "-t", self.layout.clusterID, "-c",
                self.propertiesFile(of: node),
            ],
            logFile: "\(self.path(of: node))/format.log")
        var status: Int32 = 0
        waitpid(process.pid, &status, 0)
        guard status == 0 else {
            let output = FileManager.default.contents(atPath: "\(self.path(of: node))/format.log") ?? Data()
            throw LocalClusterError(
                .format, "formatting node \(node) failed: \(String(decoding: output, as: UTF8.self))")
        }
    }

    private static func accepts(port: Int) -> Bool {
        let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        guard descriptor >= 0 else { return false }
        defer { close(descriptor) }
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = in_port_t(UInt16(port)).bigEndian
        address.sin_addr.s_addr = inet_addr(ClusterLayout.host)
        return withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size)) == 0
            }
        }
    }
}
