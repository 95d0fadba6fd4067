/// A time in which a partition had something to write and acknowledged nothing.
package struct PauseSpan: Codable, Equatable, Sendable {
    /// Shorter ones are not told.
    package static let threshold = 0.05

    /// Index into `RunResult.partitions`.
    package var partition: Int
    package var from: Double
    package var to: Double

    package init(partition: Int, from: Double, to: Double) {
        self.partition = partition
        self.from = from
        self.to = to
    }

    package var seconds: Double { self.to - self.from }
}

/// How the partitions came back after one fault.
package struct Recovery: Codable, Equatable, Sendable {
    /// Index into `RunResult.faults`.
    package var fault: Int
    /// From the fault until each partition acknowledged again, in the order of `RunResult.partitions`: 0 where it never
    /// paused, nil where it did not come back within the run.
    package var seconds: [Double?]

    package init(fault: Int, seconds: [Double?]) {
        self.fault = fault
        self.seconds = seconds
    }

    /// Until every partition was writable again; nil where one did not come back.
    package var longest: Double? {
        var longest = 0.0
        for each in self.seconds {
            guard let each else { return nil }
            longest = max(longest, each)
        }
        return longest
    }
}
