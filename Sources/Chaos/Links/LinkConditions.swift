package import ApusCore

/// One end of a link between processes.
package enum LinkEnd: Hashable, Sendable {
    /// All clients together.
    case clients
    case node(Int)
}

/// What a direction of a link does to what is sent over it.
package struct LinkCondition: Equatable, Sendable {
    /// Bytes stall, and connections hang while they are made.
    package var isCut = false
    package var latency = Interval.zero
    /// Nil for as many as there are.
    package var bytesPerSecond: Int?
    /// New connections are reset.
    package var isRefused = false

    package init() {}

    package static let whole = LinkCondition()
}

/// The state of all links: one condition for each ordered pair of ends, whole where none is set. Pure.
package struct LinkConditions: Equatable, Sendable {
    private struct Pair: Hashable, Sendable {
        var from: LinkEnd
        var to: LinkEnd
    }

    private var pairs: [Pair: LinkCondition] = [:]

    package init() {}

    package subscript(from: LinkEnd, to: LinkEnd) -> LinkCondition {
        get { self.pairs[Pair(from: from, to: to)] ?? .whole }
        set { self.pairs[Pair(from: from, to: to)] = newValue == .whole ? nil : newValue }
    }

    /// Whether anything that is sent to or from `end` is cut.
    package func touchesCut(_ end: LinkEnd) -> Bool {
        self.pairs.contains { ($0.key.from == end || $0.key.to == end) && $0.value.isCut }
    }

    /// Adds what a fault does to the links of `targets` among `nodes`.
    package mutating func add(_ kind: FaultPlan.Kind, targets: [Int], nodes: [Int]) {
        let inside = targets.map { LinkEnd.node($0) }
        let outside = nodes.filter { !targets.contains($0) }.map { LinkEnd.node($0) }
        switch kind {
        case .cut(let cut):
            var others = outside
            if cut.cutsClients { others.append(.clients) }
            self.change(inside, others, cut.direction) { $0.isCut = true }
            if cut.isolatesEach { self.change(inside, inside, .both) { $0.isCut = true } }
        case .slowLink(let latency, let bytesPerSecond):
            self.change(inside, inside + outside + [.clients], .both) { condition in
                condition.latency = max(condition.latency, latency)
                condition.bytesPerSecond = bytesPerSecond ?? condition.bytesPerSecond
            }
        case .refuse:
            self.change(inside, inside + outside + [.clients], .both) { $0.isRefused = true }
        case .kill, .stop, .roll, .pause, .reset, .slowDisk, .fullDisk, .failingSync, .clock, .storm:
            break
        }
    }

    private mutating func change(
        _ inside: [LinkEnd], _ others: [LinkEnd], _ direction: FaultPlan.Cut.Direction,
        _ body: (inout LinkCondition) -> Void
    ) {
        for one in inside {
            for other in others where one != other {
                if direction != .incoming { body(&self[one, other]) }
                if direction != .outgoing { body(&self[other, one]) }
            }
        }
    }
}
