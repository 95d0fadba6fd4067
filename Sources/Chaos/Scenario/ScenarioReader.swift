import ApusCore
import Foundation

/// Reads scenarios from their files.
package enum ScenarioReader {
    /// Runs of a scenario end: the parts of its time together are no longer.
    static let lengthMax = Interval.seconds(300)

    /// - Throws: `ScenarioError` that names the line.
    package static func read(path: String) throws(ScenarioError) -> Scenario {
        guard let contents = FileManager.default.contents(atPath: path) else {
            throw ScenarioError(.file, file: path, line: 0, "there is no such file, or it cannot be read")
        }
        return try self.read(String(decoding: contents, as: UTF8.self), file: path)
    }

    /// - Parameter file: what errors call it; its name without folder and ending is the scenario's.
    package static func read(_ text: String, file: String) throws(ScenarioError) -> Scenario {
        let root = try ScenarioSection(
            try YAMLReader.read(text, file: file), name: "the scenario", file: file,
            keys: ["summary", "cluster", "topics", "workload", "faults", "expect"])
        _ = try root.required("summary")
        let summary = try root.string("summary") ?? ""
        let cluster = try ClusterReader(file: file).read(root.node("cluster"), line: root.line)
        let topics = try self.topics(root, brokers: cluster.brokers.count)
        let workload = try WorkloadReader(file: file).read(root.node("workload"), line: root.line)
        var faults: [FaultPlan] = []
        for node in try root.list("faults") {
            faults.append(try FaultReader(file: file, cluster: cluster, topics: topics).read(node))
        }
        let expectations = try ExpectationReader(file: file).read(try root.required("expect"))
        for fault in faults where fault.at > workload.duration {
            throw ScenarioError(
                .conflict, file: file, line: fault.line, "the fault begins after the workload's duration has passed")
        }
        let name = URL(fileURLWithPath: file).deletingPathExtension().lastPathComponent
        return Scenario(
            name: name, summary: summary, cluster: cluster, topics: topics, workload: workload, faults: faults,
            expectations: expectations)
    }

    private static func topics(_ root: ScenarioSection, brokers: Int) throws(ScenarioError) -> [TopicPlan] {
        guard root.has("topics") else {
            return [TopicPlan(name: "chaos", partitionCount: 6, replicationFactor: min(3, brokers), settings: [])]
        }
        var topics: [TopicPlan] = []
        for node in try root.list("topics") {
            let section = try ScenarioSection(
                node, name: "the topic", file: root.file, keys: ["name", "partitions", "replicas", "config"])
            _ = try section.required("name")
            let name = try section.string("name") ?? ""
            guard !topics.contains(where: { $0.name == name }) else {
                throw section.conflict("there are two topics '\(name)'")
            }
            topics.append(
                TopicPlan(
                    name: name, partitionCount: try section.integer("partitions", in: 1...1000) ?? 6,
                    replicationFactor: try section.integer("replicas", in: 1...brokers) ?? min(3, brokers),
                    settings: try section.settings("config")))
        }
        guard !topics.isEmpty else { throw root.conflict("there must be a topic") }
        return topics
    }
}

/// Reads `cluster`.
struct ClusterReader {
    let file: String

    func read(_ node: YAMLNode?, line: Int) throws(ScenarioError) -> ClusterPlan {
        let section = try ScenarioSection(
            node ?? YAMLNode(.map([]), line: line), name: "cluster", file: self.file,
            keys: ["nodes", "brokers", "controllers", "zones", "config"])
        let zones = try self.zones(section)
        var nodes: [ClusterPlan.Node] = []
        func add(_ count: Int, isBroker: Bool, isController: Bool) {
            for place in 0..<count {
                nodes.append(
                    .init(
                        id: nodes.count, zone: zones[place % zones.count], isBroker: isBroker,
                        isController: isController))
            }
        }
        if section.has("brokers") || section.has("controllers") {
            guard !section.has("nodes") else {
                throw section.conflict("it has either nodes, or brokers and controllers")
            }
            _ = try section.required("brokers")
            _ = try section.required("controllers")
            add(try section.integer("brokers", in: 1...9) ?? 3, isBroker: true, isController: false)
            add(try section.integer("controllers", in: 1...5) ?? 3, isBroker: false, isController: true)
        } else {
            add(try section.integer("nodes", in: 1...9) ?? 3, isBroker: true, isController: true)
        }
        return ClusterPlan(nodes: nodes, settings: try section.settings("config"))
    }

    private func zones(_ section: ScenarioSection) throws(ScenarioError) -> [String] {
        guard let node = section.node("zones") else { return ["a", "b", "c"] }
        var zones: [String] = []
        for item in try section.list("zones") {
            guard case .scalar(let zone) = item.content, !zone.isEmpty, !zone.contains(" ") else {
                throw section.invalid("zones", item, "a list of words")
            }
            zones.append(zone)
        }
        guard !zones.isEmpty else { throw section.invalid("zones", node, "a list of words") }
        return zones
    }
}

/// Reads `workload`.
struct WorkloadReader {
    let file: String

    func read(_ node: YAMLNode?, line: Int) throws(ScenarioError) -> WorkloadPlan {
        let section = try ScenarioSection(
            node ?? YAMLNode(.map([]), line: line), name: "workload", file: self.file,
            keys: [
                "producers", "rate", "record-size", "acks", "idempotent", "delivery-timeout", "consumers", "warm-up",
                "duration", "settle",
            ])
        let acknowledgement = try section.choice("acks", of: ProducerPlan.Acknowledgement.self) ?? .all
        let isIdempotent = try section.boolean("idempotent") ?? (acknowledgement == .all)
        if isIdempotent, acknowledgement != .all { throw section.conflict("idempotent producers need acks: all") }
        let producers = ProducerPlan(
            count: try section.integer("producers", in: 1...64) ?? 2,
            rate: try section.integer("rate", in: 1...1_000_000) ?? 600,
            recordSize: try section.integer("record-size", in: 16...1_000_000) ?? 100,
            acknowledgement: acknowledgement, isIdempotent: isIdempotent,
            deliveryTimeout: try section.interval("delivery-timeout") ?? .seconds(60))
        let plan = WorkloadPlan(
            producers: producers, consumerCount: try section.integer("consumers", in: 0...16) ?? 1,
            warmUp: try section.interval("warm-up") ?? .seconds(1),
            duration: try section.interval("duration") ?? .seconds(12),
            settle: try section.interval("settle") ?? .seconds(20))
        guard plan.warmUp + plan.duration + plan.settle <= ScenarioReader.lengthMax else {
            throw section.conflict("a run takes at most \(Int(ScenarioReader.lengthMax.seconds)) s")
        }
        return plan
    }
}

/// Reads `expect`.
struct ExpectationReader {
    let file: String

    func read(_ node: YAMLNode) throws(ScenarioError) -> [Expectation] {
        let names = Expectation.Figure.allCases.map(\.rawValue)
        let section = try ScenarioSection(node, name: "expect", file: self.file, keys: names)
        var expectations: [Expectation] = []
        for figure in Expectation.Figure.allCases {
            guard let node = section.node(figure.rawValue) else { continue }
            guard case .scalar(let text) = node.content, let bound = Self.bound(text, of: figure) else {
                let right = figure.isTime ? "'< 2 s'" : "a number such as 0, or '>= 100'"
                throw section.invalid(figure.rawValue, node, right)
            }
            expectations.append(Expectation(figure: figure, bound: bound, text: text))
        }
        guard !expectations.isEmpty else { throw section.conflict("there must be an expectation") }
        return expectations
    }

    private static func bound(_ text: String, of figure: Expectation.Figure) -> Expectation.Bound? {
        if figure.isTime {
            guard text.hasPrefix("< ") else { return nil }
            return Interval(scenario: String(text.dropFirst(2))).map { .below($0) }
        }
        if text.hasPrefix(">= ") { return Int(text.dropFirst(3)).map { .atLeast($0) } }
        return Int(text).flatMap { $0 >= 0 ? .exactly($0) : nil }
    }
}
