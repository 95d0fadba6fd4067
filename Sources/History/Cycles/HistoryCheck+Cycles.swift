import ApusCore

// G0, G1c and what they are with the order of processes or of real time.
extension HistoryCheck {
    private static let largest: Dependency = [.write, .read, .process, .realtime]

    mutating func checkCycles() {
        let graph = self.dependencies()
        if graph.adjacency(Self.largest).isAcyclic { return }
        let reads: Dependency = self.options.usesWriteEdges ? [.read, .write] : [.read]
        self.search(graph, [.write], through: .write, .writeCycle)
        self.search(graph, [.write, .process], through: .process, .writeCycleProcess)
        self.search(graph, [.write, .realtime], through: .realtime, .writeCycleRealtime)
        self.search(graph, reads, through: .read, .readCycle)
        self.search(graph, reads.union(.process), through: .process, .readCycleProcess)
        self.search(graph, reads.union(.realtime), through: .realtime, .readCycleRealtime)
    }

    /// Adds one anomaly for every component of the graph of `kinds` with a cycle through an edge of kind `needed`.
    private mutating func search(
        _ graph: DependencyGraph, _ kinds: Dependency, through needed: Dependency, _ anomaly: AnomalyClass
    ) {
        let adjacency = graph.adjacency(kinds)
        let component = adjacency.components()
        var told: Set<Int32> = []
        for vertex in 0..<Int32(adjacency.vertexCount) {
            for edge in adjacency.edges(of: vertex) where adjacency.kinds[edge] == needed {
                let target = adjacency.targets[edge]
                guard component[Int(vertex)] == component[Int(target)],
                    told.insert(component[Int(vertex)]).inserted
                else { continue }
                let way = adjacency.path(from: target, to: vertex, component: component)
                let operations = way.filter { $0 < Int32(self.index.operations.count) }
                self.findings.add(
                    Anomaly(kind: anomaly, key: nil, operations: operations.map { OperationID($0) }))
            }
        }
    }

    private func dependencies() -> DependencyGraph {
        var graph = DependencyGraph(vertexCount: self.index.operations.count)
        for place in self.index.partitions.indices {
            // A log that lost its end has two orders, one before and one after.
            guard !self.findings.uncleanElections.contains(self.index.partitions[place].key) else { continue }
            self.connectWrites(at: place, in: &graph)
            self.connectReads(at: place, in: &graph)
        }
        self.connectProcesses(in: &graph)
        self.connectMoments(in: &graph)
        return graph
    }

    private func connectWrites(at place: Int, in graph: inout DependencyGraph) {
        var before: Int32?
        for value in self.logs[place].versions {
            // A value that is stored twice, which is judged by itself, has no one place in the order.
            guard !self.logs[place].isTwice(value), let writer = self.index.writer(of: value, at: place),
                self.outcome(writer) != .fail
            else {
                before = nil
                continue
            }
            if let before { graph.connect(before, writer, .write) }
            before = writer
        }
    }

    private func connectReads(at place: Int, in graph: inout DependencyGraph) {
        let partition = self.index.partitions[place]
        var last: (writer: Int32, reader: Int32)?
        for read in partition.reads where self.outcome(read.operation) == .ok {
            guard let index = partition.writers[read.value] else { continue }
            let writer = partition.sends[Int(index)].operation
            guard self.outcome(writer) != .fail else { continue }
            // A read of many values of one writer is one edge.
            if let last, last == (writer, read.operation) { continue }
            last = (writer, read.operation)
            graph.connect(writer, read.operation, .read)
        }
    }

    /// An operation of unknown end may still happen after the next one of its process.
    private func connectProcesses(in graph: inout DependencyGraph) {
        var last: [ProcessID: Int32] = [:]
        for place in self.index.order {
            let operation = self.index.operations[Int(place)]
            guard !operation.steps.isEmpty, operation.outcome != .fail else { continue }
            if let before = last[operation.process] { graph.connect(before, place, .process) }
            last[operation.process] = operation.outcome == .ok ? place : nil
        }
    }

    /// Every end is a moment; moments follow each other, and an operation follows the last moment before it began.
    private func connectMoments(in graph: inout DependencyGraph) {
        let operations = self.index.operations
        let ends = self.index.order.filter {
            operations[Int($0)].outcome == .ok && !operations[Int($0)].steps.isEmpty
        }.sorted { one, other in
            (operations[Int(one)].ended, one) < (operations[Int(other)].ended, other)
        }
        var next = 0
        var moment: Int32?
        for place in self.index.order {
            while next < ends.count, operations[Int(ends[next])].ended < operations[Int(place)].began {
                let vertex = graph.addVertex()
                graph.connect(ends[next], vertex, .realtime)
                if let moment { graph.connect(moment, vertex, .realtime) }
                moment = vertex
                next += 1
            }
            if let moment, operations[Int(place)].outcome != .fail { graph.connect(moment, place, .realtime) }
        }
    }
}
