import ApusCore
import CommandLineArguments
import KafkaClient

/// `apus consume`: Kafka's `kafka-console-consumer`, without groups.
enum ConsumeCommand {
    static var command: Command { Command(self.declaration) { try self.run($0, $1) } }

    private static let declaration = CommandDeclaration(
        "consume", "Print the records of a topic.",
        discussion: """
            Prints what arrives from now on, a value a line, until it is interrupted, unless options say otherwise.
            """,
        options: [
            OptionDeclaration("--topic", short: "-t", value: "NAME", required: true, "The topic to read."),
            OptionDeclaration("--partition", short: "-p", value: "NUMBER", "Read this partition only."),
            .flag("--from-beginning", "Begin with the oldest record."),
            OptionDeclaration("--offset", short: "-o", value: "OFFSET", "Begin here: earliest, latest or a number."),
            OptionDeclaration("--max-messages", short: "-n", value: "COUNT", "End after so many records."),
            OptionDeclaration("--timeout-ms", value: "MS", "End when nothing has arrived for so long."),
            .flag("--exit-at-end", short: "-e", "End when the end of every partition is reached."),
            OptionDeclaration(
                "--property", value: "NAME=VALUE", repeated: true,
                "What is printed: print.key, print.value, print.partition, print.offset, print.timestamp and "
                    + "print.headers (true or false), key.separator, line.separator."),
            OptionDeclaration("--client-rack", value: "ZONE", "Read from the replica in this zone where there is one."),
            OptionDeclaration(
                "--isolation-level", value: "LEVEL", completion: .choices(["read_uncommitted", "read_committed"]),
                "Whether records of transactions that are not committed are printed; they are where not given."),
        ] + ClientSession.options,
        exclusive: [["--from-beginning", "--offset"]],
        examples: [
            "apus consume --topic greetings --from-beginning --max-messages 10",
            "apus consume -t users -p 0 -o 42 --property print.key=true",
        ])

    private static func run(_ parsed: ParsedCommand, _ terminal: Terminal) throws -> Int32 {
        let start = try self.start(parsed)
        let format = try RecordFormat(properties: parsed.values("--property"))
        let limit = try parsed.integer("--max-messages", least: 1)
        let quiet = try parsed.integer("--timeout-ms", least: 1)
        let session = try ClientSession(parsed)
        defer { session.close() }
        let topic = parsed.required("--topic")
        let count = try ProduceCommand.partitionCount(of: topic, session)
        var partitions = Array(0..<count)
        if let only = try parsed.integer("--partition") {
            guard only < count else { throw CommandFailure("topic '\(topic)' has partitions 0 to \(count - 1)") }
            partitions = [only]
        }
        var configuration = ConsumerConfiguration()
        configuration.rack = parsed.value("--client-rack") ?? ""
        configuration.readsCommitted = parsed.value("--isolation-level") == "read_committed"
        let cluster = session.makeCluster()
        defer { cluster.close() }
        let printer = RecordPrinter(
            format: format, limit: limit, quiet: quiet.map { .milliseconds(Int64($0)) },
            endsAtEnd: parsed.has("--exit-at-end"), terminal: terminal)
        let starts = Dictionary(
            uniqueKeysWithValues: partitions.map {
                (TopicPartition(topic: topic, partition: PartitionIndex(Int32($0))), start)
            })
        let failure = printer.print(starts, configuration, cluster)
        terminal.complain("Processed a total of \(printer.printedCount) messages")
        if let failure { throw failure }
        return 0
    }

    private static func start(_ parsed: ParsedCommand) throws -> StartPosition {
        if parsed.has("--from-beginning") { return .earliest }
        switch parsed.value("--offset") {
        case nil, "latest": return .latest
        case "earliest": return .earliest
        case .some:
            guard let offset = try parsed.integer("--offset") else { return .latest }
            return .offset(Offset(Int64(offset)))
        }
    }
}
