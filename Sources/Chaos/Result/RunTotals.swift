/// What the workload did in all.
package struct WorkloadTotals: Codable, Equatable, Sendable {
    package var sent = 0
    package var acknowledged = 0
    /// Certainly not stored.
    package var refused = 0
    /// Given up without knowing whether they are stored.
    package var unknown = 0
    /// Records received by consumers while the workload ran.
    package var received = 0
    /// Records found at the end by reading every partition from the beginning.
    package var found = 0
    /// Errors that reached the application of a client: batches not stored, and reading that ended.
    package var clientErrors = 0
    /// From the moment a batch got its first record until it was acknowledged, seconds.
    package var latency = Percentiles()

    package init() {}
}

/// Some lengths of time, in seconds, by how many are shorter.
package struct Percentiles: Codable, Equatable, Sendable {
    package var count = 0
    package var p50 = 0.0
    package var p90 = 0.0
    package var p99 = 0.0
    package var max = 0.0

    package init() {}

    /// The nearest-rank percentiles of `values`; zeros where there is none.
    package init(_ values: [Double]) {
        guard let last = values.max() else { return }
        let sorted = values.sorted()
        func rank(_ share: Double) -> Double {
            sorted[Swift.min(sorted.count - 1, Swift.max(0, Int((share * Double(sorted.count)).rounded(.up)) - 1))]
        }
        self.count = sorted.count
        self.p50 = rank(0.5)
        self.p90 = rank(0.9)
        self.p99 = rank(0.99)
        self.max = last
    }
}

/// How often the history's checker found one class of anomaly.
package struct AnomalyTotal: Codable, Equatable, Sendable {
    /// The checker's name of the class: `lost-write`, `duplicate`, `nonmonotonic-poll`.
    package var name: String
    package var count: Int
    /// The first few, in words.
    package var examples: [String]

    package init(name: String, count: Int, examples: [String] = []) {
        self.name = name
        self.count = count
        self.examples = examples
    }
}

/// One thing that the scenario expects, and whether it was so.
package struct ExpectationOutcome: Codable, Equatable, Sendable {
    /// The scenario's key: `pause-max`, `lost`.
    package var name: String
    /// What was asked for, as the scenario has it: `< 2 s`, `0`.
    package var expected: String
    /// What was measured, in the same unit.
    package var actual: String
    package var holds: Bool

    package init(name: String, expected: String, actual: String, holds: Bool) {
        self.name = name
        self.expected = expected
        self.actual = actual
        self.holds = holds
    }
}
