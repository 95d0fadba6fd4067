import ApusCore
import CommandLineArguments
import KafkaClient

/// `apus topics`: Kafka's `kafka-topics`.
enum TopicsCommand {
    static var command: Command {
        Command(
            CommandDeclaration(
                "topics", "Create, list, describe, alter and delete topics.",
                commands: [
                    self.createDeclaration, self.listDeclaration, self.describeDeclaration, self.alterDeclaration,
                    self.deleteDeclaration,
                ],
                examples: [
                    "apus topics create --topic orders --partitions 12 --replication-factor 3",
                    "apus topics describe --topic orders",
                ])
        ) { parsed, terminal in
            switch parsed.path.last {
            case "create": return try self.create(parsed, terminal)
            case "list": return try self.list(parsed, terminal)
            case "describe": return try TopicDescription.run(parsed, terminal)
            case "alter": return try self.alter(parsed, terminal)
            case "delete": return try self.delete(parsed, terminal)
            default: preconditionFailure("the parser accepts only declared commands")
            }
        }
    }

    private static let createDeclaration = CommandDeclaration(
        "create", "Create a topic.",
        options: [
            OptionDeclaration("--topic", short: "-t", value: "NAME", required: true, "The topic's name."),
            OptionDeclaration(
                "--partitions", short: "-p", value: "COUNT", "The cluster's num.partitions where not given."),
            OptionDeclaration(
                "--replication-factor", short: "-r", value: "COUNT",
                "On how many brokers each partition is kept; the cluster's default where not given."),
            OptionDeclaration(
                "--config", short: "-c", value: "NAME=VALUE", repeated: true,
                "A setting of the topic, such as min.insync.replicas=2."),
            .flag("--if-not-exists", "Succeed where the topic exists already."),
            .flag("--validate-only", "Check the request, and change nothing."),
            ClientSession.jsonOption, ClientSession.timeoutOption,
        ] + ClientSession.options,
        examples: ["apus topics create --topic orders --partitions 12 --replication-factor 3 -c min.insync.replicas=2"])

    private static let listDeclaration = CommandDeclaration(
        "list", "List topics.",
        options: [
            .flag("--exclude-internal", "Leave out the topics that Kafka uses itself."), ClientSession.jsonOption,
            ClientSession.timeoutOption,
        ] + ClientSession.options)

    private static let describeDeclaration = CommandDeclaration(
        "describe", "Show partitions, leaders and replicas.",
        discussion: """
            In a cluster of several zones 'At risk with' names the zones whose loss would leave fewer replicas in sync \
            than min.insync.replicas, so that acks=all would be refused.
            """,
        options: [
            OptionDeclaration(
                "--topic", short: "-t", value: "NAME", repeated: true, "The topic; all where none is given."),
            .flag("--under-replicated-partitions", "Only partitions of which a replica is missing or behind."),
            .flag("--unavailable-partitions", "Only partitions without a leader."),
            .flag("--at-zone-risk", "Only partitions that the loss of one zone would keep from taking acks=all."),
            .flag("--offsets", "Show where each partition begins and ends too."),
            ClientSession.jsonOption, ClientSession.timeoutOption,
        ] + ClientSession.options)

    private static let alterDeclaration = CommandDeclaration(
        "alter", "Change settings of a topic.",
        options: [
            OptionDeclaration("--topic", short: "-t", value: "NAME", required: true, "The topic's name."),
            OptionDeclaration(
                "--config", short: "-c", value: "NAME=VALUE", repeated: true,
                "A setting of the topic, such as apus.leader.zones=zone-a,zone-b."),
            OptionDeclaration(
                "--delete-config", value: "NAME", repeated: true,
                "A setting that the topic shall not have itself any more."),
            ClientSession.timeoutOption,
        ] + ClientSession.options,
        examples: ["apus topics alter --topic orders -c apus.leader.zones=zone-a"])

    private static let deleteDeclaration = CommandDeclaration(
        "delete", "Delete topics and everything in them.",
        options: [
            OptionDeclaration(
                "--topic", short: "-t", value: "NAME", required: true, repeated: true, "The topic to delete."),
            .flag("--if-exists", "Succeed where there is no such topic."), ClientSession.timeoutOption,
        ] + ClientSession.options)

    private static func create(_ parsed: ParsedCommand, _ terminal: Terminal) throws -> Int32 {
        var draft = TopicDraft(parsed.required("--topic"))
        draft.partitionCount = try self.number(parsed, "--partitions")
        draft.replicationFactor = try self.number(parsed, "--replication-factor")
        draft.settings = try self.settings(parsed)
        let (final, validateOnly) = (draft, parsed.has("--validate-only"))
        do {
            try ClientSession.administer(parsed) { try await $0.createTopic(final, validateOnly: validateOnly) }
        } catch let error as ClientError
            where error.code == .refused(.topicAlreadyExists) && parsed.has("--if-not-exists")
        {
            return self.say("Topic \(draft.name) exists already.", created: false, draft.name, parsed, terminal)
        }
        let words = validateOnly ? "Topic \(draft.name) can be created." : "Created topic \(draft.name)."
        return self.say(words, created: !validateOnly, draft.name, parsed, terminal)
    }

    /// The values of `--config`.
    private static func settings(_ parsed: ParsedCommand) throws -> [TopicDraft.Setting] {
        try parsed.values("--config").map { text in
            let parts = text.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            guard parts.count == 2 else { throw parsed.invalid("--config", "NAME=VALUE") }
            return .init(name: String(parts[0]), value: String(parts[1]))
        }
    }

    private static func alter(_ parsed: ParsedCommand, _ terminal: Terminal) throws -> Int32 {
        let name = parsed.required("--topic")
        let set = try self.settings(parsed).map { SettingChange(.set, $0.name, $0.value) }
        let changes = set + parsed.values("--delete-config").map { SettingChange(.delete, $0, nil) }
        guard !changes.isEmpty else { throw CommandFailure("--config or --delete-config says what to change") }
        try ClientSession.administer(parsed) { try await $0.alter(.topic(name), changes) }
        terminal.line("Altered topic \(name).")
        return 0
    }

    private static func say(
        _ words: String, created: Bool, _ topic: String, _ parsed: ParsedCommand, _ terminal: Terminal
    ) -> Int32 {
        terminal.line(
            parsed.has("--json")
                ? JSONValue.object(["topic": .string(topic), "created": .boolean(created)]).text : words)
        return 0
    }

    private static func number<Value: FixedWidthInteger>(
        _ parsed: ParsedCommand, _ option: String
    ) throws -> Value? {
        guard let value = try parsed.integer(option, least: 1) else { return nil }
        guard let narrow = Value(exactly: value) else { throw parsed.invalid(option, "a number up to \(Value.max)") }
        return narrow
    }

    private static func list(_ parsed: ParsedCommand, _ terminal: Terminal) throws -> Int32 {
        var topics = try ClientSession.administer(parsed) { try await $0.topics() }
        if parsed.has("--exclude-internal") { topics.removeAll { $0.isInternal } }
        if parsed.has("--json") {
            terminal.line(JSONValue.array(topics.map { .string($0.name) }).text)
        } else {
            for topic in topics { terminal.line(topic.name) }
        }
        return 0
    }

    private static func delete(_ parsed: ParsedCommand, _ terminal: Terminal) throws -> Int32 {
        let isLenient = parsed.has("--if-exists")
        let names = parsed.values("--topic")
        let deleted = try ClientSession.administer(parsed) { admin in
            var deleted: [String] = []
            for name in names {
                do {
                    try await admin.deleteTopic(name)
                    deleted.append(name)
                } catch let error as ClientError
                    where error.code == .refused(.unknownTopicOrPartition) && isLenient
                {
                    continue
                }
            }
            return deleted
        }
        for name in deleted { terminal.line("Deleted topic \(name).") }
        return 0
    }
}
