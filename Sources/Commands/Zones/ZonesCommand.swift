import ApusCore
import ClusterMetadata
import CommandLineArguments
import KafkaClient

/// `apus zones`: the availability zones of a cluster, and which of them lead.
enum ZonesCommand {
    static var command: Command {
        Command(
            CommandDeclaration(
                "zones", "List availability zones, and take leaders out of one and back.",
                discussion: """
                    A zone is what brokers name as their broker.rack: a data centre, a rack, a power supply. A zone that \
                    is drained keeps its replicas and leads nothing, so that it can be worked on, or lost, without \
                    anybody noticing.
                    """,
                commands: [self.listDeclaration, self.drainDeclaration, self.restoreDeclaration],
                examples: ["apus zones list", "apus zones drain zone-a", "apus zones restore zone-a"])
        ) { parsed, terminal in
            switch parsed.path.last {
            case "list": return try self.list(parsed, terminal)
            case "drain": return try ZoneDrain.drain(parsed, terminal)
            case "restore": return try ZoneDrain.restore(parsed, terminal)
            default: preconditionFailure("the parser accepts only declared commands")
            }
        }
    }

    private static let zone = OperandDeclaration("ZONE", "The zone, as 'apus zones list' names it.")

    private static let listDeclaration = CommandDeclaration(
        "list", "Show the zones, their brokers and what they lead.",
        discussion: """
            State is 'leads', 'drained' (leads nothing), or 'draining' (should lead nothing, and still does). 'At risk' \
            counts the partitions that would refuse acks=all if the zone were lost.
            """,
        options: [ClientSession.jsonOption, ClientSession.timeoutOption] + ClientSession.options)

    private static let drainDeclaration = CommandDeclaration(
        "drain", "Move all leaders out of a zone, and keep them out.",
        discussion: """
            Leaders move to replicas in sync in other zones; clients follow without an error. The zone stays drained, \
            over restarts too, until it is restored. A partition that is in sync in no other zone stays where it is, and \
            moves as soon as it can; the command then says which, and ends with status 1.
            """,
        options: [
            .flag("--no-wait", "Do not wait until the leaders have moved."), ClientSession.jsonOption,
            ClientSession.timeoutOption,
        ] + ClientSession.options,
        operands: [ZonesCommand.zone])

    private static let restoreDeclaration = CommandDeclaration(
        "restore", "Let a drained zone lead again.",
        discussion: """
            Leaders return to their preferred replicas by themselves, at once where auto.leader.rebalance.enable is on, \
            as it is unless it was turned off; else after the next preferred election.
            """,
        options: [ClientSession.jsonOption, ClientSession.timeoutOption] + ClientSession.options,
        operands: [ZonesCommand.zone])

    private static func list(_ parsed: ParsedCommand, _ terminal: Terminal) throws -> Int32 {
        let survey = try ClientSession.administer(parsed) { try await ZoneSurvey.take($0) }
        if parsed.has("--json") {
            terminal.line(JSONValue.array(survey.zones.map(\.json)).indentedText)
        } else {
            terminal.write(survey.text)
        }
        return 0
    }
}

extension ZoneSurvey {
    /// Asks a cluster for everything.
    static func take(_ admin: Admin) async throws(ClientError) -> ZoneSurvey {
        let topics = try await admin.topics()
        let minimums = try await admin.setting("min.insync.replicas", of: topics.map(\.name))
        return ZoneSurvey(
            try await admin.describeCluster(includesFenced: true), topics: topics,
            drained: try await ZoneDrain.drainedZones(admin), minInsyncReplicas: minimums.compactMapValues { Int($0) })
    }

    /// A table for people.
    package var text: String {
        var table = TextTable([
            .init("Zone"), .init("State"), .init("Brokers"), .init("Leaders", .right), .init("Replicas", .right),
            .init("At risk", .right),
        ])
        for zone in self.zones {
            let brokers = zone.brokers.map { zone.fenced.contains($0) ? "\($0) (down)" : "\($0)" }
            table.add([
                zone.name ?? "(none)", zone.state, brokers.joined(separator: ", "), "\(zone.leaders)",
                "\(zone.replicas)", "\(zone.endangered)",
            ])
        }
        return table.text
    }
}

extension ZoneSurvey.Zone {
    /// The state in a word.
    package var state: String {
        guard self.isDrained else { return "leads" }
        return self.leaders == 0 ? "drained" : "draining"
    }

    var json: JSONValue {
        func ids(_ nodes: [NodeID]) -> JSONValue { .array(nodes.map { .integer(Int64($0.rawValue)) }) }
        return .object([
            "zone": self.name.map { .string($0) } ?? .null, "state": .string(self.state),
            "brokers": ids(self.brokers), "fenced": ids(self.fenced), "leaders": .integer(Int64(self.leaders)),
            "replicas": .integer(Int64(self.replicas)), "partitionsAtRisk": .integer(Int64(self.endangered)),
        ])
    }
}
