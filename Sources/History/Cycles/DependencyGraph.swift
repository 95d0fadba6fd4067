/// Why one operation comes before another.
struct Dependency: OptionSet, Hashable {
    var rawValue: UInt8

    /// The next version of a partition is the other's.
    static let write = Dependency(rawValue: 1)
    /// The other read what this one wrote.
    static let read = Dependency(rawValue: 2)
    /// The same process did this one first.
    static let process = Dependency(rawValue: 4)
    /// This one had ended before the other began.
    static let realtime = Dependency(rawValue: 8)
}

/// A directed graph of operations, with the kind of every edge.
///
/// Besides operations it has vertices that stand for moments, so that the real-time order of n operations takes O(n)
/// edges.
struct DependencyGraph {
    private(set) var vertexCount: Int
    private var from: [Int32] = []
    private var to: [Int32] = []
    private var kinds: [Dependency] = []

    init(vertexCount: Int) {
        self.vertexCount = vertexCount
    }

    mutating func addVertex() -> Int32 {
        self.vertexCount += 1
        return Int32(self.vertexCount - 1)
    }

    mutating func connect(_ one: Int32, _ other: Int32, _ kind: Dependency) {
        guard one != other else { return }
        self.from.append(one)
        self.to.append(other)
        self.kinds.append(kind)
    }

    /// The edges of some kinds, by the vertex that they begin at.
    func adjacency(_ allowed: Dependency) -> Adjacency {
        var starts = [Int32](repeating: 0, count: self.vertexCount + 1)
        for edge in self.from.indices where allowed.contains(self.kinds[edge]) {
            starts[Int(self.from[edge]) + 1] += 1
        }
        for vertex in 0..<self.vertexCount { starts[vertex + 1] += starts[vertex] }
        var next = starts
        var targets = [Int32](repeating: 0, count: Int(starts[self.vertexCount]))
        var kinds = [Dependency](repeating: [], count: targets.count)
        for edge in self.from.indices where allowed.contains(self.kinds[edge]) {
            let place = Int(next[Int(self.from[edge])])
            next[Int(self.from[edge])] += 1
            targets[place] = self.to[edge]
            kinds[place] = self.kinds[edge]
        }
        return Adjacency(starts: starts, targets: targets, kinds: kinds)
    }
}

/// Edges by the vertex that they begin at.
struct Adjacency {
    fileprivate(set) var starts: [Int32]
    fileprivate(set) var targets: [Int32]
    fileprivate(set) var kinds: [Dependency]

    fileprivate init(starts: [Int32], targets: [Int32], kinds: [Dependency]) {
        self.starts = starts
        self.targets = targets
        self.kinds = kinds
    }

    var vertexCount: Int { self.starts.count - 1 }

    func edges(of vertex: Int32) -> Range<Int> {
        Int(self.starts[Int(vertex)])..<Int(self.starts[Int(vertex) + 1])
    }

    /// Whether there is no cycle at all: what is true of nearly every history, and cheaper to find than components.
    var isAcyclic: Bool {
        var missing = [Int32](repeating: 0, count: self.vertexCount)
        for target in self.targets { missing[Int(target)] += 1 }
        var ready = (0..<Int32(self.vertexCount)).filter { missing[Int($0)] == 0 }
        var done = 0
        while let vertex = ready.popLast() {
            done += 1
            for edge in self.edges(of: vertex) {
                let target = self.targets[edge]
                missing[Int(target)] -= 1
                if missing[Int(target)] == 0 { ready.append(target) }
            }
        }
        return done == self.vertexCount
    }

    /// A shortest way within one component, both ends included; empty where there is none.
    func path(from start: Int32, to end: Int32, component: [Int32]) -> [Int32] {
        let own = component[Int(start)]
        var before: [Int32: Int32] = [start: start]
        var queue = [start]
        var head = 0
        while head < queue.count {
            let vertex = queue[head]
            head += 1
            if vertex == end { break }
            for edge in self.edges(of: vertex) {
                let target = self.targets[edge]
                guard component[Int(target)] == own, before[target] == nil else { continue }
                before[target] = vertex
                queue.append(target)
            }
        }
        guard before[end] != nil else { return [] }
        var path = [end]
        while let last = path.last, last != start, let previous = before[last] { path.append(previous) }
        return path.reversed()
    }
}
