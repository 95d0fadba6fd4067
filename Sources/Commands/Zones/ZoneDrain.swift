import ApusCore
import ClusterMetadata
import CommandLineArguments
import KafkaClient

/// `apus zones drain` and `apus zones restore`.
enum ZoneDrain {
    private static let pause = Duration.milliseconds(50)
    /// How many partitions a message names.
    private static let namedMax = 5

    /// What became of a drain.
    private struct Outcome: Sendable {
        /// Leaders in the zone when it began.
        var before: Int
        /// Partitions still led in the zone, and those of them that cannot move.
        var left: [TopicPartition]
        var stuck: [TopicPartition]
    }

    /// The zones that should lead nothing.
    static func drainedZones(_ admin: Admin) async throws(ClientError) -> [String] {
        let settings = try await admin.settingsOfAllBrokers()
        return MetadataImage.zoneList(settings.first { $0.name == ZoneConfigKey.drained }?.value)
    }

    static func drain(_ parsed: ParsedCommand, _ terminal: Terminal) throws -> Int32 {
        let zone = self.zone(parsed)
        let waits = !parsed.has("--no-wait")
        let outcome = try ClientSession.administer(parsed) { admin in
            let before = try await self.survey(admin)
            guard before.zone(zone)?.brokers.isEmpty == false else { throw self.unknownZone(zone, before) }
            let others = before.zones.filter { $0.name != zone && !$0.isDrained && $0.brokers.count > $0.fenced.count }
            guard !others.isEmpty else {
                throw CommandFailure("no other zone could lead: every other one is drained or down")
            }
            try await admin.alter(.allBrokers, [SettingChange(.append, ZoneConfigKey.drained, zone)])
            let leaders = before.zone(zone)?.leaders ?? 0
            guard waits else { return Outcome(before: leaders, left: [], stuck: []) }
            return try await self.wait(admin, zone, leaders, terminal)
        }
        self.report(outcome, zone, waits: waits, parsed, terminal)
        return outcome.left.isEmpty ? 0 : 1
    }

    /// Waits until nothing is led in the zone that could be led elsewhere.
    private static func wait(
        _ admin: Admin, _ zone: String, _ leaders: Int, _ terminal: Terminal
    ) async throws -> Outcome {
        let deadline = ContinuousClock.now + .nanoseconds(admin.timeout.nanoseconds)
        var shown: Int?
        while true {
            let now = try await self.survey(admin, drained: zone).zone(zone)
            let (left, stuck) = (now?.misled ?? [], now?.stuck ?? [])
            if left.count == stuck.count || ContinuousClock.now >= deadline {
                if shown != nil { terminal.progress("") }
                return Outcome(before: leaders, left: left, stuck: stuck)
            }
            if shown != left.count { terminal.progress("\(left.count) leaders have to move") }
            shown = left.count
            try await Task.sleep(for: self.pause)
        }
    }

    private static func report(
        _ outcome: Outcome, _ zone: String, waits: Bool, _ parsed: ParsedCommand, _ terminal: Terminal
    ) {
        if parsed.has("--json") {
            terminal.line(
                JSONValue.object([
                    "zone": .string(zone), "drained": .boolean(true), "leadersBefore": .integer(Int64(outcome.before)),
                    "waited": .boolean(waits), "leadersLeft": .array(outcome.left.map { .string("\($0)") }),
                    "leadersStuck": .array(outcome.stuck.map { .string("\($0)") }),
                ]).text)
            return
        }
        guard waits else { return terminal.line("Zone \(zone) is being drained of \(outcome.before) leaders.") }
        guard !outcome.left.isEmpty else {
            return terminal.line("Zone \(zone) leads nothing; it led \(outcome.before) partitions.")
        }
        let names = outcome.left.prefix(self.namedMax).map { "\($0)" }.joined(separator: ", ")
        let more = outcome.left.count > self.namedMax ? " and others" : ""
        let reason =
            outcome.stuck.count == outcome.left.count
            ? "no replica outside drained zones is in sync" : "they have not moved in time"
        terminal.complain("zone \(zone) is drained, but \(outcome.left.count) leaders stay: \(names)\(more); \(reason)")
    }

    static func restore(_ parsed: ParsedCommand, _ terminal: Terminal) throws -> Int32 {
        let zone = self.zone(parsed)
        let wasDrained = try ClientSession.administer(parsed) { admin in
            let drained = try await self.drainedZones(admin)
            guard drained.contains(zone) else {
                let survey = try await self.survey(admin)
                guard survey.zone(zone) != nil else { throw self.unknownZone(zone, survey) }
                return false
            }
            try await admin.alter(.allBrokers, [SettingChange(.subtract, ZoneConfigKey.drained, zone)])
            return true
        }
        if parsed.has("--json") {
            terminal.line(
                JSONValue.object([
                    "zone": .string(zone), "drained": .boolean(false), "wasDrained": .boolean(wasDrained),
                ])
                .text)
        } else {
            terminal.line(wasDrained ? "Zone \(zone) may lead again." : "Zone \(zone) was not drained.")
        }
        return 0
    }

    private static func zone(_ parsed: ParsedCommand) -> String {
        guard let zone = parsed.operands.first else { preconditionFailure("the parser asks for the zone") }
        return zone
    }

    /// What is led where, without what is at risk.
    ///
    /// - Parameter zone: a zone that is drained although the broker that answers may not have heard of it.
    private static func survey(_ admin: Admin, drained zone: String? = nil) async throws(ClientError) -> ZoneSurvey {
        let drained = try await self.drainedZones(admin) + (zone.map { [$0] } ?? [])
        return ZoneSurvey(
            try await admin.describeCluster(includesFenced: true), topics: try await admin.topics(), drained: drained)
    }

    private static func unknownZone(_ zone: String, _ survey: ZoneSurvey) -> CommandFailure {
        let names = survey.zones.filter { !$0.brokers.isEmpty }.compactMap(\.name)
        let known = names.isEmpty ? "no broker has a broker.rack" : "there are \(names.joined(separator: ", "))"
        return CommandFailure("no broker is in zone '\(zone)'; \(known)")
    }
}
