/// Which nodes a fault is for. What depends on the cluster's state is decided when the fault begins. Pure.
package enum NodeSelector: Equatable, Sendable {
    case nodes([Int])
    case zone(String)
    case all
    /// The broker that leads most partitions of the workload; of equals the one with the lowest id.
    case leaderOfMost
    case activeController
    /// The leader of one partition.
    case leader(topic: String, partition: Int)
    /// The replica of one partition that follows, with the lowest id.
    case follower(topic: String, partition: Int)
    /// One node after the other, in the order of their ids.
    case next
    /// As many nodes as can be lost, the leader of most partitions first.
    case minority
    /// As few nodes as make a majority, the active controller first.
    case majority
    case union([NodeSelector])

    /// What a selector is applied to.
    package struct View: Equatable, Sendable {
        /// All nodes, in ascending order, and their zones.
        package var nodes: [ClusterPlan.Node]
        package var controller: Int?
        /// The leader of each partition of the workload, -1 for none.
        package var leaders: [PartitionOutline: Int]
        package var replicas: [PartitionOutline: [Int]]
        /// How often the fault has happened before.
        package var turn: Int

        package init(
            nodes: [ClusterPlan.Node], controller: Int? = nil, leaders: [PartitionOutline: Int] = [:],
            replicas: [PartitionOutline: [Int]] = [:], turn: Int = 0
        ) {
            self.nodes = nodes
            self.controller = controller
            self.leaders = leaders
            self.replicas = replicas
            self.turn = turn
        }

        var busiest: Int? {
            var counts: [Int: Int] = [:]
            for leader in self.leaders.values where leader >= 0 { counts[leader, default: 0] += 1 }
            return counts.max { ($0.value, $1.key) < ($1.value, $0.key) }?.key
        }
    }

    /// The nodes in ascending order; empty where the cluster does not tell now.
    package func nodes(in view: View) -> [Int] {
        let all = view.nodes.map(\.id)
        switch self {
        case .nodes(let nodes): return nodes.sorted()
        case .zone(let zone): return view.nodes.filter { $0.zone == zone }.map(\.id)
        case .all: return all
        case .leaderOfMost: return view.busiest.map { [$0] } ?? []
        case .activeController: return view.controller.map { [$0] } ?? []
        case .leader(let topic, let partition):
            let leader = view.leaders[PartitionOutline(topic: topic, index: partition)] ?? -1
            return leader >= 0 ? [leader] : []
        case .follower(let topic, let partition):
            let key = PartitionOutline(topic: topic, index: partition)
            guard let leader = view.leaders[key], leader >= 0 else { return [] }
            return view.replicas[key]?.sorted().first { $0 != leader }.map { [$0] } ?? []
        case .next: return [all[view.turn % all.count]]
        case .minority: return Self.some((all.count - 1) / 2, of: all, first: view.busiest)
        case .majority: return Self.some(all.count / 2 + 1, of: all, first: view.controller)
        case .union(let parts): return Set(parts.flatMap { $0.nodes(in: view) }).sorted()
        }
    }

    private static func some(_ count: Int, of all: [Int], first: Int?) -> [Int] {
        guard let first else { return [] }
        return ([first] + all.filter { $0 != first }).prefix(count).sorted()
    }

    /// Whether the answer depends on who leads or controls.
    package var needsState: Bool {
        switch self {
        case .nodes, .zone, .all, .next: false
        case .leaderOfMost, .activeController, .leader, .follower, .minority, .majority: true
        case .union(let parts): parts.contains(where: \.needsState)
        }
    }

    /// As a scenario writes it.
    package var text: String {
        switch self {
        case .nodes(let nodes): nodes.map { "node \($0)" }.joined(separator: " and ")
        case .zone(let zone): "zone \(zone)"
        case .all: "all"
        case .leaderOfMost: "leader-of-most"
        case .activeController: "active-controller"
        case .leader(let topic, let partition): "leader of \(topic) \(partition)"
        case .follower(let topic, let partition): "follower of \(topic) \(partition)"
        case .next: "next"
        case .minority: "minority"
        case .majority: "majority"
        case .union(let parts): parts.map(\.text).joined(separator: " and ")
        }
    }

    /// What a scenario may write.
    package static let forms =
        "leader-of-most, active-controller, leader of TOPIC PARTITION, follower of TOPIC PARTITION, node N, zone Z, "
        + "next, minority, majority, all, or several of them with 'and'"

    /// Nil where `text` is not a selector.
    package init?(_ text: String) {
        let parts = text.split(separator: " ").split(separator: "and")
        let selectors = parts.compactMap { Self.one($0.map(String.init)) }
        guard !selectors.isEmpty, selectors.count == parts.count else { return nil }
        self = selectors.count == 1 ? selectors[0] : .union(selectors)
    }

    private static func one(_ words: [String]) -> NodeSelector? {
        switch words.first {
        case "all" where words.count == 1: return .all
        case "next" where words.count == 1: return .next
        case "minority" where words.count == 1: return .minority
        case "majority" where words.count == 1: return .majority
        case "leader-of-most" where words.count == 1: return .leaderOfMost
        case "active-controller" where words.count == 1: return .activeController
        case "node" where words.count == 2: return Int(words[1]).map { .nodes([$0]) }
        case "zone" where words.count == 2: return .zone(words[1])
        case "leader" where words.count == 4 && words[1] == "of":
            return Int(words[3]).map { .leader(topic: words[2], partition: $0) }
        case "follower" where words.count == 4 && words[1] == "of":
            return Int(words[3]).map { .follower(topic: words[2], partition: $0) }
        default: return nil
        }
    }
}
