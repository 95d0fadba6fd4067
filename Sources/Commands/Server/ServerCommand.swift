import AdminAPI
import ApusCore
import Broker
import CommandLineArguments
import Configuration
import Telemetry

/// `apus server`
enum ServerCommand {
    static let command = Command(
        CommandDeclaration(
            "server", "Run a node until it is told to end.",
            discussion: """
                The node serves until SIGTERM or SIGINT, which move its leaderships to other nodes before it ends. Its \
                log goes to standard error, one line a fact. Its directories must have been prepared with \
                'apus storage format'.
                """,
            options: [
                OptionDeclaration(
                    "--override", value: "KEY=VALUE", repeated: true, "A config that counts instead of the file's."),
                OptionDeclaration(
                    "--log-level", value: "LEVELS",
                    "The least severe level that is written, and exceptions by subsystem: info,quorum=debug. "
                        + "info where not given."),
                OptionDeclaration(
                    "--log-format", value: "FORMAT", "text, or json: one object a line. text where not given."),
            ],
            operands: [OperandDeclaration("FILE", "The node's server.properties.")],
            examples: [
                "apus server server.properties",
                "apus server server.properties --override log.retention.hours=24 --log-level info,replica=debug",
            ]),
        run: Self.run)

    private static func run(_ parsed: ParsedCommand, _ terminal: Terminal) throws -> Int32 {
        let configuration = try NodeConfigurationFile.load(
            parsed.operands[0], overrides: parsed.values("--override"), terminal: terminal)
        let levels = try LogLevels(parsing: parsed.value("--log-level") ?? "info")
        let name = parsed.value("--log-format") ?? "text"
        guard let format = LogFormat(rawValue: name) else {
            throw CommandFailure("--log-format is \(name); it is text or json")
        }
        let logs = LogSink(levels: levels, format: format)
        let node = try NodeServer(configuration: configuration, logs: logs)
        ProcessMetrics.register(in: node.metrics)
        let admin = try configuration.httpListener.map { address in
            try AdminServer(address, registry: node.metrics, logger: logs.logger("admin")) { Self.health(of: node) }
        }
        defer { admin?.stop() }
        try node.start()
        return node.waitUntilEnded()
    }

    private static func health(of node: NodeServer) -> HealthReport {
        let health = node.health
        return HealthReport(
            isHealthy: health.isServing,
            facts: [
                "node": .integer(Int64(health.nodeID.rawValue)),
                "controller": .integer(Int64(health.controller.rawValue)),
                "metadataOffset": .integer(health.metadataOffset.rawValue),
            ])
    }
}
