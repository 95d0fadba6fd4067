import ApusCore
import CommandLineArguments
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
        options: DemoStage.options(folder: DemoCommand.directory))

    private static let directory = ".local/demo"
    private static let nodeCount = 3

    private func run() throws -> Int32 {
        let stage = DemoStage(self.parsed, self.terminal, folder: Self.directory)
        let cluster = try stage.startCluster(nodeCount: Self.nodeCount)
        defer { if self.parsed.has("--stop") { cluster.stop(cluster.nodes) } }
        let session = try ClientSession(self.parsed, bootstrapServers: cluster.layout.bootstrapServers)
        defer { session.close() }
        let topic = try stage.createTopic(session)
        let written = try self.write(topic, cluster, session)

        let verdict = try stage.readBack(topic, written, session)
        stage.tellHowToGoOn(topic, cluster)
        return verdict.isGood ? 0 : 1
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
        let client = session.makeCluster()
        defer { client.close() }
        let writer = try DemoStage(self.parsed, self.terminal, folder: Self.directory).makeWriter(topic, client)
        let recordCount = writer.recordCount
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
