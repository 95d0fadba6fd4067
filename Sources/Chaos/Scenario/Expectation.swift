package import ApusCore

/// One line of a scenario's `expect`.
package struct Expectation: Equatable, Sendable {
    /// What is looked at.
    package enum Figure: String, Equatable, Sendable, CaseIterable {
        /// Acknowledged records that are not there at the end.
        case lost
        /// Records stored twice.
        case duplicated
        /// Records stored or read in another order than they were written.
        case reordered
        /// Everything else that the history's checker finds.
        case otherAnomalies = "other-anomalies"
        /// Errors that reached the application of a client.
        case clientErrors = "client-errors"
        /// The longest time any partition acknowledged nothing.
        case pauseMax = "pause-max"
        /// The median of the partitions' longest times.
        case pauseP50 = "pause-p50"
        /// The longest time from any fault until every partition acknowledged again.
        case recoveryMax = "recovery-max"
        /// The median of these times, one for each fault.
        case recoveryP50 = "recovery-p50"
        /// The longest time from a fault's end (the link whole, the node started) until every partition acknowledged
        /// again.
        case afterHealing = "recovery-after-healing"
        /// Records acknowledged.
        case acknowledged

        package var isTime: Bool {
            switch self {
            case .pauseMax, .pauseP50, .recoveryMax, .recoveryP50, .afterHealing: true
            case .lost, .duplicated, .reordered, .otherAnomalies, .clientErrors, .acknowledged: false
            }
        }
    }

    package enum Bound: Equatable, Sendable {
        case exactly(Int)
        case below(Interval)
        case atLeast(Int)
    }

    package var figure: Figure
    package var bound: Bound
    /// As the file has it.
    package var text: String

    package init(
        figure: Figure, bound: Bound, text: String
    ) {
        self.figure = figure
        self.bound = bound
        self.text = text
    }
}
