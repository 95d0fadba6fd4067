import ApusCore

/// The faults of links and disks that are on, and what they come to together. Pure.
package struct ActiveFaults: Equatable, Sendable {
    /// One fault that is on.
    package struct Active: Equatable, Sendable {
        var kind: FaultPlan.Kind
        var targets: [Int]
    }

    private var active: [Int: Active] = [:]

    package init() {}

    /// - Parameter id: names the fault until it is removed.
    package mutating func add(_ id: Int, _ kind: FaultPlan.Kind, targets: [Int]) {
        self.active[id] = Active(kind: kind, targets: targets)
    }

    package mutating func remove(_ id: Int) {
        self.active[id] = nil
    }

    package mutating func removeAll() {
        self.active = [:]
    }

    /// What all links do.
    package func conditions(nodes: [Int]) -> LinkConditions {
        var conditions = LinkConditions()
        for (_, fault) in self.active.sorted(by: { $0.key < $1.key }) {
            conditions.add(fault.kind, targets: fault.targets, nodes: nodes)
        }
        return conditions
    }

    /// The lines of a node's disk faults.
    package func diskLines(of node: Int) -> [String] {
        var lines: [String] = []
        for (_, fault) in self.active.sorted(by: { $0.key < $1.key }) where fault.targets.contains(node) {
            switch fault.kind {
            case .slowDisk(let write, let sync):
                if write > .zero { lines.append("slow-write \(write.milliseconds)") }
                if sync > .zero { lines.append("slow-fsync \(sync.milliseconds)") }
            case .fullDisk: lines.append("full")
            case .failingSync: lines.append("fail-fsync EIO")
            case .kill, .stop, .roll, .pause, .cut, .slowLink, .reset, .refuse, .clock, .storm: break
            }
        }
        return lines
    }
}
