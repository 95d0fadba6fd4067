import ApusCore

/// Reads one entry of `faults`.
struct FaultReader {
    let file: String
    let cluster: ClusterPlan
    let topics: [TopicPlan]

    private static let kinds = [
        "kill", "stop", "roll", "pause", "cut", "slow-link", "reset", "refuse", "slow-disk", "full-disk",
        "failing-fsync", "clock", "storm",
    ]
    private static let times = ["at", "for", "times", "every"]
    /// Keys that only some kinds have.
    private static let details: [String: [String]] = [
        "cut": ["direction", "clients", "each"], "slow-link": ["latency", "bytes-per-second"],
        "slow-disk": ["write", "sync"], "clock": ["shift"], "storm": ["rate"], "roll": ["by"],
    ]

    /// How nodes that are restarted in turn end.
    private enum Ending: String, CaseIterable {
        case stop
        case kill
    }

    func read(_ node: YAMLNode) throws(ScenarioError) -> FaultPlan {
        let known = Self.kinds + Self.times + Self.details.keys.sorted().flatMap { Self.details[$0] ?? [] }
        let section = try ScenarioSection(node, name: "the fault", file: self.file, keys: known)
        let given = Self.kinds.filter(section.has)
        guard given.count == 1 else {
            throw section.conflict(
                given.isEmpty
                    ? "it needs one of \(Self.kinds.joined(separator: ", "))"
                    : "it is either \(given.joined(separator: " or ")), not both")
        }
        let word = given[0]
        for (other, keys) in Self.details.sorted(by: { $0.key < $1.key }) where other != word {
            if let key = keys.first(where: section.has) { throw section.conflict("\(key) belongs to \(other)") }
        }
        _ = try section.required("at")
        let at = try section.interval("at") ?? .zero
        let count = try section.integer("times", in: 1...1000) ?? 1
        let every = try section.interval("every")
        if count > 1, every == nil { throw section.conflict("'times' needs 'every', the time between two beginnings") }
        let length = try section.interval("for")
        if ["reset", "roll"].contains(word), length != nil { throw section.conflict("\(word) has no length") }
        if word == "storm", length == nil { throw section.conflict("storm needs a length: for") }
        let fault = FaultPlan(
            kind: try self.kind(word, section), target: word == "storm" ? .all : try self.target(word, section),
            at: at, length: length, count: count, every: every ?? .zero, line: node.line)
        return fault
    }

    private func kind(_ word: String, _ section: ScenarioSection) throws(ScenarioError) -> FaultPlan.Kind {
        switch word {
        case "kill": return .kill
        case "stop": return .stop
        case "roll": return .roll(kills: try section.choice("by", of: Ending.self) == .kill)
        case "pause": return .pause
        case "cut":
            return .cut(
                .init(
                    direction: try section.choice("direction", of: FaultPlan.Cut.Direction.self) ?? .both,
                    cutsClients: try section.boolean("clients") ?? true,
                    isolatesEach: try section.boolean("each") ?? false))
        case "slow-link":
            guard section.has("latency") || section.has("bytes-per-second") else {
                throw section.conflict("slow-link needs latency or bytes-per-second")
            }
            return .slowLink(
                latency: try section.interval("latency") ?? .zero,
                bytesPerSecond: try section.integer("bytes-per-second", in: 1000...1_000_000_000))
        case "reset": return .reset
        case "refuse": return .refuse
        case "slow-disk":
            return .slowDisk(
                write: try section.interval("write") ?? .zero, sync: try section.interval("sync") ?? .zero)
        case "full-disk": return .fullDisk
        case "failing-fsync": return .failingSync
        case "clock":
            _ = try section.required("shift")
            return .clock(shift: try section.interval("shift", isSigned: true) ?? .zero)
        case "storm":
            return .storm(
                producers: try section.integer("storm", in: 1...64) ?? 1,
                rate: try section.integer("rate", in: 1...1_000_000) ?? 1000)
        default: preconditionFailure("every word of a fault has a kind")
        }
    }

    private func target(_ word: String, _ section: ScenarioSection) throws(ScenarioError) -> NodeSelector {
        let node = try section.required(word)
        guard let selector = try section.selector(word) else { preconditionFailure("a required key has a value") }
        try self.check(selector, word, node, section)
        return selector
    }

    /// What the selector names must exist.
    private func check(
        _ selector: NodeSelector, _ word: String, _ node: YAMLNode, _ section: ScenarioSection
    ) throws(ScenarioError) {
        switch selector {
        case .nodes(let nodes):
            let ids = self.cluster.nodes.map(\.id)
            guard nodes.allSatisfy(ids.contains) else {
                throw section.invalid(word, node, "one of the nodes 0 to \(ids.count - 1)")
            }
        case .zone(let zone):
            guard self.cluster.zones.contains(zone) else {
                throw section.invalid(word, node, "one of the zones \(self.cluster.zones.joined(separator: ", "))")
            }
        case .leader(let name, let partition), .follower(let name, let partition):
            guard let topic = self.topics.first(where: { $0.name == name }), partition >= 0,
                partition < topic.partitionCount
            else { throw section.invalid(word, node, "a partition of the scenario's topics") }
        case .union(let parts):
            for part in parts { try self.check(part, word, node, section) }
        case .all, .next, .leaderOfMost, .activeController, .minority, .majority: break
        }
    }
}
