import ApusCore
import CommandLineArguments
import EventLoop
import Foundation
import KafkaClient
import LocalCluster

/// `apus demo`: a cluster loses a node with kill -9 while records are written, and no record.
struct DemoCommand {
    static var command: Command {
        Command(self.declaration) { try DemoCommand(parsed: $0, terminal: $1).run() }
    }

    private let parsed: ParsedCommand
    private let terminal: Terminal

    private static let declaration = CommandDeclaration(
        "demo", "Start three nodes on this machine and show what they survive.",
        discussion: """
            Starts a cluster of three nodes in three zones, creates a topic of 12 partitions with three replicas, of \
            which two must have a record before it is acknowledged, and writes records. Meanwhile the node that leads \
            most partitions is killed with kill -9 and started again. Then everything is read back: every acknowledged \
            record must be there once, in its order. Exits with 1 where that is not so.

            The cluster is left running; 'apus cluster down --dir .local/demo' stops it.
            """,
        options: [
            OptionDeclaration("--records", short: "-n", value: "COUNT", "How many records; 200000 where not given."),
            OptionDeclaration("--rate", value: "COUNT", "Records a second; 25000 where not given."),
            OptionDeclaration(
                "--dir", short: "-d", value: "DIR", completion: .directories,
                "The cluster's folder; \(DemoCommand.directory) where not given."),
            OptionDeclaration(
                "--port", value: "PORT", "The first node's port in a new cluster; 19092 where not given."),
            .flag("--stop", "Stop the cluster at the end."), ClusterCommand.programOption,
        ])

    private static let directory = ".local/demo"
    private static let nodeCount = 3
    private static let partitionCount = 12

    private func run() throws -> Int32 {
        let cluster = try self.startCluster()
        defer { if self.parsed.has("--stop") { cluster.stop(cluster.nodes) } }
        let session = try ClientSession(self.parsed, bootstrapServers: cluster.layout.bootstrapServers)
        defer { session.close() }
        let topic = try self.createTopic(session)
        let written = try self.write(topic, cluster, session)

        self.terminal.progress("reading everything back")
        let client = session.makeCluster()
        defer { client.close() }
        let ledger = try DemoReader(written.ledger).read(topic, partitionCount: Self.partitionCount, cluster: client)
        self.terminal.progress("")
        let verdict = ledger.verdict
        let pause = PerfReport.milliseconds(written.pauses.longestOfPartition)
        self.terminal.line("records acknowledged   \(verdict.acknowledged)")
        self.terminal.line("records lost           \(verdict.lost)")
        self.terminal.line("records duplicated     \(verdict.duplicated)")
        self.terminal.line("records out of order   \(verdict.misplaced)")
        if written.failed > 0 { self.terminal.line("not acknowledged       \(written.failed)") }
        self.terminal.line(String(format: "longest pause          %.0f ms (of any partition)", pause))
        if !self.parsed.has("--stop") {
            let server = "\(ClusterLayout.host):\(cluster.layout.clientPort(of: 0))"
            self.terminal.line("")
            self.terminal.line("The cluster is running. Try:")
            self.terminal.line("  kcat -b \(server) -L")
            self.terminal.line("  kcat -b \(server) -C -t \(topic) -o beginning -e -f '%t/%p %o\\n' | tail")
            self.terminal.line("Stop it with: apus cluster down --dir \(self.parsed.value("--dir") ?? Self.directory)")
        }
        return verdict.isGood ? 0 : 1
    }

    private func startCluster() throws -> LocalCluster {
        let folder = ClusterCommand.absolute(self.parsed.value("--dir") ?? Self.directory)
        let program = try ClusterCommand.program(self.parsed)
        self.terminal.line("starting \(Self.nodeCount) nodes in \(folder)")
        let cluster: LocalCluster
        if FileManager.default.fileExists(atPath: "\(folder)/cluster.json") {
            cluster = try LocalCluster(opening: folder, program: program)
        } else {
            let port = try self.parsed.integer("--port", least: 1024) ?? 19092
            guard port <= 65_000 else { throw self.parsed.invalid("--port", "1024 to 65000") }
            let layout = ClusterLayout(nodeCount: Self.nodeCount, firstPort: port, clusterID: RandomUUID.next())
            cluster = try LocalCluster(creating: layout, in: folder, program: program)
        }
        for node in cluster.nodes { try cluster.start(node) }
        try ClusterReadiness.wait(for: cluster)
        return cluster
    }

    private func createTopic(_ session: ClientSession) throws -> String {
        let client = session.makeCluster()
        defer { client.close() }
        let topic = "demo-\(WallClock.now().rawValue / 1000)"
        try OneShot.run {
            let admin = Admin(client)
            var draft = TopicDraft(
                topic, partitionCount: Int32(Self.partitionCount), replicationFactor: Int16(Self.nodeCount))
            draft.settings = [.init(name: "min.insync.replicas", value: "2")]
            try await admin.createTopic(draft)
            try await admin.waitForLeaders(of: topic, partitionCount: Self.partitionCount)
        }
        self.terminal.line("created topic \(topic) with \(Self.partitionCount) partitions")
        return topic
    }

    /// The node that leads most partitions.
    private func busiestNode(_ topic: String, _ session: ClientSession) throws -> (node: Int, partitions: Int) {
        let client = session.makeCluster()
        defer { client.close() }
        let partitions = try OneShot.run { try await Admin(client).topics([topic]) }.first?.partitions ?? []
        let counts = Dictionary(grouping: partitions.map(\.leader)) { $0 }.mapValues(\.count)
        let busiest = counts.max { ($0.value, $1.key) < ($1.value, $0.key) }
        guard let busiest, busiest.key >= 0 else { throw CommandFailure("topic '\(topic)' has no leaders") }
        return (Int(busiest.key.rawValue), busiest.value)
    }

    private func write(
        _ topic: String, _ cluster: LocalCluster, _ session: ClientSession
    ) throws -> DemoWriter.Progress {
        let recordCount = try self.parsed.integer("--records", least: 1) ?? 200_000
        let client = session.makeCluster()
        defer { client.close() }
        let writer = try DemoWriter(
            topic: topic, partitionCount: Self.partitionCount, recordCount: recordCount,
            recordsPerSecond: try self.parsed.integer("--rate", least: 1) ?? 25_000, cluster: client)
        writer.start()
        var killed: (node: Int, at: ContinuousClock.Instant)?
        var isRestarted = false
        while writer.ended.wait(seconds: 0.05) == nil {
            let progress = writer.progress()
            var state = "all nodes run"
            if killed == nil, progress.ended >= recordCount / 4 {
                let victim = try self.busiestNode(topic, session)
                try cluster.kill(victim.node)
                killed = (victim.node, .now)
                self.terminal.progress("")
                self.terminal.line(
                    "killed node \(victim.node), which led \(victim.partitions) partitions, with kill -9")
            } else if let killed, !isRestarted,
                progress.ended >= recordCount * 6 / 10 || killed.at + .seconds(5) < .now
            {
                try cluster.start(killed.node)
                isRestarted = true
                self.terminal.progress("")
                self.terminal.line("started node \(killed.node) again")
            }
            if let killed { state = isRestarted ? "node \(killed.node) is back" : "node \(killed.node) is dead" }
            let pause = PerfReport.milliseconds(progress.pauses.longestOfPartition)
            self.terminal.progress(
                "\(progress.ledger.verdict.acknowledged) of \(recordCount) records acknowledged, \(state), "
                    + String(format: "longest pause %.0f ms", pause))
        }
        self.terminal.progress("")
        return writer.progress()
    }
}
