extension Adjacency {
    private static let unvisited: Int32 = -1

    /// By vertex: the number of its strongly connected component (Tarjan's algorithm, without recursion).
    func components() -> [Int32] {
        var component = [Int32](repeating: Self.unvisited, count: self.vertexCount)
        var index = component
        var low = component
        var nextEdge = [Int](repeating: 0, count: self.vertexCount)
        var stack: [Int32] = []
        var calls: [Int32] = []
        var visited: Int32 = 0
        var found: Int32 = 0
        for root in 0..<Int32(self.vertexCount) where index[Int(root)] == Self.unvisited {
            calls.append(root)
            while let vertex = calls.last {
                let place = Int(vertex)
                if index[place] == Self.unvisited {
                    index[place] = visited
                    low[place] = visited
                    visited += 1
                    stack.append(vertex)
                    nextEdge[place] = self.edges(of: vertex).lowerBound
                }
                var descends = false
                while nextEdge[place] < self.edges(of: vertex).upperBound {
                    let target = self.targets[nextEdge[place]]
                    if index[Int(target)] == Self.unvisited {
                        calls.append(target)
                        descends = true
                        break
                    }
                    // A vertex with a component is not on the stack any more.
                    if component[Int(target)] == Self.unvisited { low[place] = min(low[place], low[Int(target)]) }
                    nextEdge[place] += 1
                }
                if descends { continue }
                calls.removeLast()
                guard low[place] == index[place] else { continue }
                while let member = stack.popLast() {
                    component[Int(member)] = found
                    if member == vertex { break }
                }
                found += 1
            }
        }
        return component
    }
}
