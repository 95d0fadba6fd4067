/// The zones of a cluster in lines of text: which nodes run, and how many partitions each zone leads. Pure.
package struct ZonePicture: Equatable, Sendable {
    package struct Zone: Equatable, Sendable {
        package var name: String
        package var nodes: [Int]
        package var runningNodes: [Int] = []
        package var leaderCount = 0

        package init(name: String, nodes: [Int], runningNodes: [Int] = [], leaderCount: Int = 0) {
            self.name = name
            self.nodes = nodes
            self.runningNodes = runningNodes
            self.leaderCount = leaderCount
        }

        var state: String {
            switch self.runningNodes.count {
            case 0: "LOST"
            case self.nodes.count: "up"
            default: "partly up"
            }
        }
    }

    package var zones: [Zone]
    package var partitionCount: Int
    /// Partitions with all of their replicas in sync.
    package var fullCount = 0

    package init(zones: [Zone], partitionCount: Int, fullCount: Int = 0) {
        self.zones = zones
        self.partitionCount = partitionCount
        self.fullCount = fullCount
    }

    /// The zone that leads most partitions; of equals the first.
    package var busiest: Zone? { self.zones.max { ($0.leaderCount, $1.name) < ($1.leaderCount, $0.name) } }

    /// A line for each zone.
    package var lines: [String] {
        let nameWidth = self.zones.map(\.name.count).max() ?? 0
        let texts = self.zones.map { $0.nodes.map(String.init).joined(separator: ", ") }
        let textWidth = texts.map(\.count).max() ?? 0
        return zip(self.zones, texts).map { zone, nodes in
            let bar = String(repeating: "#", count: zone.leaderCount)
            let rest = String(repeating: ".", count: max(0, self.partitionCount - zone.leaderCount))
            return Self.padded(zone.name, nameWidth) + "  " + Self.padded(zone.state, 9) + "  nodes "
                + Self.padded(nodes, textWidth) + "  leads [\(bar)\(rest)] \(zone.leaderCount)"
        }
    }

    /// All zones in one line, with what each leads.
    package var line: String {
        let zones = self.zones.map { "\($0.name) \($0.runningNodes.isEmpty ? "LOST" : "\($0.leaderCount)")" }
        return "leaders: " + zones.joined(separator: ", ")
    }

    private static func padded(_ text: String, _ width: Int) -> String {
        text + String(repeating: " ", count: max(0, width - text.count))
    }
}
