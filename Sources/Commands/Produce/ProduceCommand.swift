import ApusCore
import CommandLineArguments
import Glibc
import KafkaClient
import KafkaPrimitives

/// `apus produce`: lines of standard input become records.
enum ProduceCommand {
    static var command: Command { Command(self.declaration) { try self.run($0, $1) } }

    private static let declaration = CommandDeclaration(
        "produce", "Write lines of standard input to a topic, a record each.",
        discussion: """
            Records with a key go to the partition that Kafka's clients choose for it, others to one partition after \
            the other. The command ends when everything is acknowledged, and fails where anything was not.
            """,
        options: [
            OptionDeclaration("--topic", short: "-t", value: "NAME", required: true, "The topic to write to."),
            OptionDeclaration("--partition", short: "-p", value: "NUMBER", "Write to this partition only."),
            OptionDeclaration(
                "--key-separator", short: "-K", value: "TEXT",
                "What stands before it is the key, what follows is the value."),
            OptionDeclaration(
                "--property", value: "NAME=VALUE", repeated: true,
                "As Kafka's console producer: parse.key, key.separator, parse.headers, headers.delimiter, "
                    + "headers.separator, headers.key.separator, null.marker."),
            OptionDeclaration(
                "--acks", value: "WHO", completion: .choices(["0", "1", "all"]),
                "Whose acknowledgement counts: nobody's, the leader's, or that of all replicas in sync (the default)."),
            ClientSession.compressionOption,
            OptionDeclaration("--batch-size", value: "BYTES", "Send a batch at this size; 65536 where not given."),
            OptionDeclaration("--linger-ms", value: "MS", "Wait so long for a batch to fill; 5 where not given."),
        ] + ClientSession.options,
        examples: [
            "echo hello | apus produce --topic greetings", "apus produce -t users -K : < users.txt",
            "echo 'trace:7|hello' | apus produce -t t --property parse.headers=true --property headers.delimiter='|'",
        ])

    private static func run(_ parsed: ParsedCommand, _ terminal: Terminal) throws -> Int32 {
        let session = try ClientSession(parsed)
        defer { session.close() }
        let cluster = session.makeCluster()
        defer { cluster.close() }
        let topic = parsed.required("--topic")
        let partitionCount = try self.partitionCount(of: topic, session)
        var configuration = try self.configuration(parsed)
        if parsed.value("--linger-ms") == nil { configuration.linger = .milliseconds(5) }
        let only = try parsed.integer("--partition").map { PartitionIndex(Int32(clamping: $0)) }
        if let only, only.rawValue >= partitionCount {
            throw CommandFailure("topic '\(topic)' has partitions 0 to \(partitionCount - 1)")
        }
        let writer = try LineWriter(
            topic: topic, partitionCount: partitionCount, only: only,
            format: try self.format(parsed), configuration: configuration, cluster: cluster)
        var input = LineInput(descriptor: STDIN_FILENO)
        while let chunk = try input.next() { writer.write(chunk) }
        let failed = writer.finish()
        for line in failed.prefix(20) { terminal.complain(line) }
        return failed.isEmpty ? 0 : 1
    }

    private static func format(_ parsed: ParsedCommand) throws(CommandFailure) -> LineFormat {
        var format = try LineFormat(properties: parsed.values("--property"))
        if let separator = parsed.value("--key-separator"), !separator.isEmpty {
            format.parsesKey = true
            format.keySeparator = Array(separator.utf8)
        }
        return format
    }

    /// What the options that all writing commands share say.
    static func configuration(_ parsed: ParsedCommand) throws -> ProducerConfiguration {
        var configuration = ProducerConfiguration()
        configuration.acknowledgement =
            switch parsed.value("--acks") {
            case "0": .none
            case "1": .leader
            default: .all
            }
        configuration.isIdempotent = configuration.acknowledgement == .all
        configuration.compression = ClientSession.compression(parsed)
        configuration.batchBytesMax = try parsed.integer("--batch-size", least: 1) ?? configuration.batchBytesMax
        configuration.requestBytesMax = max(configuration.requestBytesMax, configuration.batchBytesMax)
        configuration.linger = .milliseconds(Int64(try parsed.integer("--linger-ms") ?? 0))
        return configuration
    }

    static func partitionCount(of topic: String, _ session: ClientSession) throws -> Int {
        let cluster = session.makeCluster()
        defer { cluster.close() }
        guard let found = try OneShot.run({ try await Admin(cluster).topics([topic]) }).first else {
            throw CommandFailure("there is no topic '\(topic)'; 'apus topics create --topic \(topic)' makes it")
        }
        return found.partitions.count
    }
}
