package import ApusCore

/// What all clients of a test did and saw: what `check` judges.
///
/// Operations are appended when they have ended (or when the test has, for those that never did), in any order; the
/// checker sorts by their times. A process does one operation at a time. A value is sent once to a key.
package struct ClientHistory: Hashable, Sendable {
    package private(set) var operations: [ClientOperation] = []
    /// Partitions that got a leader that was not in sync: losing what was acknowledged is another class there.
    package private(set) var uncleanElections: Set<TopicPartition> = []

    package init() {}

    /// Adds an operation. Its id is its place.
    @discardableResult
    package mutating func append(_ operation: ClientOperation) -> OperationID {
        precondition(operation.began <= operation.ended, "an operation ends after it has begun")
        self.operations.append(operation)
        return OperationID(Int64(self.operations.count - 1))
    }

    /// Adds all that another recorder has, as for clients that ran on threads of their own.
    package mutating func append(contentsOf other: ClientHistory) {
        self.operations.append(contentsOf: other.operations)
        self.uncleanElections.formUnion(other.uncleanElections)
    }

    /// A replica outside of the ISR was made leader of the partition.
    package mutating func noteUncleanElection(of key: TopicPartition) {
        self.uncleanElections.insert(key)
    }

    package subscript(_ id: OperationID) -> ClientOperation { self.operations[Int(id.rawValue)] }

    /// Judges the history. Takes O(n log n) in operations, values and reads together.
    package func check(_ options: CheckOptions = CheckOptions()) -> Verdict {
        HistoryCheck(self, options).verdict()
    }
}
