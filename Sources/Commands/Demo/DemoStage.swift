import ApusCore
import CommandLineArguments
import EventLoop
import Foundation
import KafkaClient
import LocalCluster

/// What the demonstrations have in common: a cluster of this machine, a topic, a writer, and the verdict.
struct DemoStage {
    static let partitionCount = 12
    static let replicationFactor = 3

    private let parsed: ParsedCommand
    private let terminal: Terminal
    /// The cluster's folder where none is given.
    private let folder: String

    init(_ parsed: ParsedCommand, _ terminal: Terminal, folder: String) {
        self.parsed = parsed
        self.terminal = terminal
        self.folder = folder
    }

    static func options(folder: String) -> [OptionDeclaration] {
        [
            OptionDeclaration("--records", short: "-n", value: "COUNT", "How many records; 200000 where not given."),
            OptionDeclaration("--rate", value: "COUNT", "Records a second; 25000 where not given."),
            OptionDeclaration(
                "--dir", short: "-d", value: "DIR", completion: .directories,
                "The cluster's folder; \(folder) where not given."),
            OptionDeclaration(
                "--port", value: "PORT", "The first node's port in a new cluster; 19092 where not given."),
            .flag("--stop", "Stop the cluster at the end."), ClusterCommand.programOption,
        ]
    }

    /// - Parameter zoneCount: a zone for each node where it is nil.
    func startCluster(nodeCount: Int, zoneCount: Int? = nil) throws -> LocalCluster {
        let folder = ClusterCommand.absolute(self.parsed.value("--dir") ?? self.folder)
        let program = try ClusterCommand.program(self.parsed)
        self.terminal.line("starting \(nodeCount) nodes in \(folder)")
        let cluster: LocalCluster
        if FileManager.default.fileExists(atPath: "\(folder)/cluster.json") {
            cluster = try LocalCluster(opening: folder, program: program)
            guard cluster.layout.nodeCount == nodeCount, cluster.layout.zoneCount == zoneCount ?? nodeCount else {
                throw CommandFailure("\(folder) holds a cluster of another shape; name another folder with --dir")
            }
        } else {
            let port = try self.parsed.integer("--port", least: 1024) ?? 19092
            guard port <= 65_000 else { throw self.parsed.invalid("--port", "1024 to 65000") }
            let layout = ClusterLayout(
                nodeCount: nodeCount, firstPort: port, clusterID: RandomUUID.next(), zoneCount: zoneCount)
            cluster = try LocalCluster(creating: layout, in: folder, program: program)
        }
        for node in cluster.nodes { try cluster.start(node) }
        try ClusterReadiness.wait(for: cluster)
        return cluster
    }

    /// Makes a topic of which two replicas must have a record before it is acknowledged.
    func createTopic(_ session: ClientSession) throws -> String {
        let client = session.makeCluster()
        defer { client.close() }
        let topic = "demo-\(WallClock.now().rawValue / 1000)"
        try OneShot.run {
            let admin = Admin(client)
            var draft = TopicDraft(
                topic, partitionCount: Int32(Self.partitionCount), replicationFactor: Int16(Self.replicationFactor))
            draft.settings = [.init(name: "min.insync.replicas", value: "2")]
            try await admin.createTopic(draft)
            try await admin.waitForLeaders(of: topic, partitionCount: Self.partitionCount)
        }
        self.terminal.line("created topic \(topic) with \(Self.partitionCount) partitions")
        return topic
    }

    func makeWriter(_ topic: String, _ client: ClusterClient) throws -> DemoWriter {
        try DemoWriter(
            topic: topic, partitionCount: Self.partitionCount,
            recordCount: try self.parsed.integer("--records", least: 1) ?? 200_000,
            recordsPerSecond: try self.parsed.integer("--rate", least: 1) ?? 25_000, cluster: client)
    }

    /// Reads everything back, and tells what became of it.
    func readBack(
        _ topic: String, _ written: DemoWriter.Progress, _ session: ClientSession
    ) throws -> RecordLedger.Verdict {
        self.terminal.progress("reading everything back")
        let client = session.makeCluster()
        defer { client.close() }
        let ledger = try DemoReader(written.ledger).read(topic, partitionCount: Self.partitionCount, cluster: client)
        self.terminal.progress("")
        let verdict = ledger.verdict
        self.terminal.line("records acknowledged   \(verdict.acknowledged)")
        self.terminal.line("records lost           \(verdict.lost)")
        self.terminal.line("records duplicated     \(verdict.duplicated)")
        self.terminal.line("records out of order   \(verdict.misplaced)")
        if written.failed > 0 { self.terminal.line("not acknowledged       \(written.failed)") }
        let pause = PerfReport.milliseconds(written.pauses.longestOfPartition)
        self.terminal.line(String(format: "longest pause          %.0f ms (of any partition)", pause))
        return verdict
    }

    /// What to do with the cluster, where it is left running.
    func tellHowToGoOn(_ topic: String, _ cluster: LocalCluster) {
        guard !self.parsed.has("--stop") else { return }
        let server = "\(ClusterLayout.host):\(cluster.layout.clientPort(of: 0))"
        self.terminal.line("")
        self.terminal.line("The cluster is running. Try:")
        self.terminal.line("  kcat -b \(server) -L")
        self.terminal.line("  kcat -b \(server) -C -t \(topic) -o beginning -e -f '%t/%p %o\\n' | tail")
        self.terminal.line("Stop it with: apus cluster down --dir \(self.parsed.value("--dir") ?? self.folder)")
    }
}
