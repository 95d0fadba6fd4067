import ApusCore
import CommandLineArguments
import Foundation
import KafkaClient
import LocalCluster

/// `apus cluster status`: the processes of a local cluster, and what it says of their zones.
enum ClusterStatus {
    /// How long a broker may take to answer before the table is shown without what it would tell.
    private static let patience = Interval.seconds(3)

    static func show(_ cluster: LocalCluster, _ parsed: ParsedCommand, _ terminal: Terminal) throws -> Int32 {
        let survey = cluster.nodes.contains { cluster.process(of: $0) != nil } ? self.survey(of: cluster) : nil
        var table = TextTable([
            .init("Node", .right), .init("State"), .init("Pid", .right), .init("Memory MB", .right),
            .init("CPU s", .right), .init("Address"), .init("Zone"), .init("Zone leads", .right),
            .init("At risk", .right),
        ])
        var rows: [JSONValue] = []
        for node in cluster.nodes {
            let process = cluster.process(of: node)
            let usage = process?.usage
            let address = "\(ClusterLayout.host):\(cluster.layout.clientPort(of: node))"
            let zone = survey?.zones.first { $0.brokers.contains(NodeID(Int32(node))) }
            table.add([
                "\(node)", process == nil ? "down" : "up", process.map { "\($0.pid)" } ?? "",
                usage.map { "\($0.residentBytes / 1_000_000)" } ?? "",
                usage.map { String(format: "%.1f", $0.cpuSeconds) } ?? "", address,
                zone.map { ($0.name ?? "(none)") + ($0.isDrained ? " (\($0.state))" : "") } ?? "",
                zone.map { "\($0.leaders)" } ?? "", zone.map { "\($0.endangered)" } ?? "",
            ])
            rows.append(
                .object([
                    "node": .integer(Int64(node)), "up": .boolean(process != nil),
                    "pid": process.map { .integer(Int64($0.pid)) } ?? .null,
                    "residentBytes": usage.map { .integer(Int64($0.residentBytes)) } ?? .null,
                    "cpuSeconds": usage.map { .double($0.cpuSeconds) } ?? .null, "address": .string(address),
                    "zone": zone.map(\.json) ?? .null,
                ]))
        }
        terminal.write(parsed.has("--json") ? JSONValue.array(rows).indentedText + "\n" : table.text)
        return 0
    }

    /// What the cluster tells of its zones; nil where it does not.
    private static func survey(of cluster: LocalCluster) -> ZoneSurvey? {
        do {
            let runtime = try ClientRuntime()
            defer { runtime.stop() }
            let servers = try BootstrapServer.list(cluster.layout.bootstrapServers)
            let client = ClusterClient(ClientConfiguration(bootstrapServers: servers), runtime: runtime)
            defer { client.close() }
            return try OneShot.run { try await ZoneSurvey.take(Admin(client, timeout: self.patience)) }
        } catch {
            // The processes can be told all the same.
            return nil
        }
    }
}
