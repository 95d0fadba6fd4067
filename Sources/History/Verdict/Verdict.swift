package import ApusCore

/// What a history shows.
package struct Verdict: Hashable, Sendable {
    /// How often a class was found at a partition.
    package struct Count: Hashable, Sendable {
        package var kind: AnomalyClass
        package var key: TopicPartition?
        package var count: Int
        package var isAllowed: Bool

        package init(kind: AnomalyClass, key: TopicPartition?, count: Int, isAllowed: Bool) {
            self.kind = kind
            self.key = key
            self.count = count
            self.isAllowed = isAllowed
        }
    }

    /// What may not be, by class, then by partition; of each at most `CheckOptions.detailsMax`.
    package internal(set) var anomalies: [Anomaly] = []
    /// What may be, likewise.
    package internal(set) var allowed: [Anomaly] = []
    package internal(set) var counts: [Count] = []
    package internal(set) var operationCount = 0
    /// Values of sends by outcome.
    package internal(set) var sentOK = 0
    package internal(set) var sentInfo = 0
    package internal(set) var sentFail = 0
    /// Reads of ok polls, repeated ones included.
    package internal(set) var readOK = 0

    package var isValid: Bool { self.anomalies.isEmpty }

    /// How often a class was found, allowed or not.
    package func count(of kind: AnomalyClass) -> Int {
        self.counts.reduce(0) { $0 + ($1.kind == kind ? $1.count : 0) }
    }
}
