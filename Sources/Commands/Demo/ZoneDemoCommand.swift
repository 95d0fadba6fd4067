import ApusCore
import CommandLineArguments
import Foundation
import Glibc
import KafkaClient
import LocalCluster

/// `apus demo-zones`: a cluster loses a whole zone while records are written, and no record.
struct ZoneDemoCommand {
    static var command: Command {
        Command(self.declaration) { try ZoneDemoCommand(parsed: $0, terminal: $1).run() }
    }

    private static let folder = ".local/demo-zones"
    private static let nodeCount = 6
    private static let zoneCount = 3

    private static let declaration = CommandDeclaration(
        "demo-zones", "Start six nodes in three zones on this machine, and show the loss of a zone.",
        discussion: """
            Starts a cluster with two nodes in each of three zones, creates a topic of 12 partitions with a replica in \
            every zone, and writes records. Meanwhile all nodes of the zone that leads most partitions are killed at \
            once with kill -9, and started again later. Shown are how long it takes until every partition is writable \
            again and until every replica is back; then everything is read. Exits with 1 where an acknowledged record \
            is missing, there twice or out of its order, or where a partition did not come back.

            The cluster is left running; 'apus cluster down --dir .local/demo-zones' stops it.
            """,
        options: DemoStage.options(folder: ZoneDemoCommand.folder))

    private let parsed: ParsedCommand
    private let terminal: Terminal

    private func run() throws -> Int32 {
        let stage = DemoStage(self.parsed, self.terminal, folder: Self.folder)
        let cluster = try stage.startCluster(nodeCount: Self.nodeCount, zoneCount: Self.zoneCount)
        defer { if self.parsed.has("--stop") { cluster.stop(cluster.nodes) } }
        let session = try ClientSession(self.parsed, bootstrapServers: cluster.layout.bootstrapServers)
        defer { session.close() }
        let topic = try stage.createTopic(session)
        let written = try self.write(topic, cluster, session, stage)
        let verdict = try stage.readBack(topic, written, session)
        guard let recovery = written.recovery, let all = recovery.untilAll, let half = recovery.untilHalf else {
            self.terminal.line("writable again         not all partitions")
            return 1
        }
        self.terminal.line(
            String(
                format: "writable again         %.0f ms after the loss (half of the partitions after %.0f ms)",
                PerfReport.milliseconds(all), PerfReport.milliseconds(half)))
        stage.tellHowToGoOn(topic, cluster)
        return verdict.isGood && written.failed == 0 ? 0 : 1
    }

    private func write(
        _ topic: String, _ cluster: LocalCluster, _ session: ClientSession, _ stage: DemoStage
    ) throws -> DemoWriter.Progress {
        let (client, observer) = (session.makeCluster(), session.makeCluster())
        defer {
            client.close()
            observer.close()
        }
        let surveyor = ZoneSurveyor(cluster, topic: topic, partitionCount: DemoStage.partitionCount)
        surveyor.start(observer)
        defer { surveyor.stop() }
        let writer = try stage.makeWriter(topic, client)
        writer.start()
        var play = ZonePlay(cluster: cluster, writer: writer, surveyor: surveyor, terminal: self.terminal)
        while writer.ended.wait(seconds: 0.05) == nil { try play.advance() }
        try play.finish()
        return writer.progress()
    }
}
