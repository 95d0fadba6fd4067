/// One fault from its beginning to its end.
package struct FaultSpan: Codable, Equatable, Sendable {
    /// The scenario's word: `kill`, `stop`, `pause`, `cut`, `one-way-cut`, `latency`, `bandwidth`, `reset`, `refuse`,
    /// `slow-disk`, `full-disk`, `failing-fsync`, `clock`.
    package var kind: String
    /// The selector as the scenario has it: `leader-of-most`, `zone b`.
    package var target: String
    /// The nodes it came down to, in ascending order.
    package var nodes: [Int]
    package var from: Double
    /// When it was taken back: the process runs again, the link is whole. Nil where it never was.
    package var to: Double?
    /// When the nodes served again, where they were down: they listen and the cluster knows them. Nil elsewhere.
    package var servedAgain: Double?

    package init(
        kind: String, target: String, nodes: [Int], from: Double, to: Double? = nil, servedAgain: Double? = nil
    ) {
        self.kind = kind
        self.target = target
        self.nodes = nodes
        self.from = from
        self.to = to
        self.servedAgain = servedAgain
    }
}
