/// How much a line of the log matters.
package enum LogLevel: Int, Hashable, Sendable, Comparable, CaseIterable {
    /// Every step, for a developer with a question.
    case trace
    /// What explains a decision.
    case debug
    /// What an operator wants to find in the log of a good day.
    case info
    /// Something is not as it should be; the node copes.
    case warn
    /// Something failed that somebody must look at.
    case error

    /// The level called `name`, in any case.
    package init?(name: String) {
        guard let found = Self.allCases.first(where: { "\($0)" == name.lowercased() }) else { return nil }
        self = found
    }

    package static func < (lhs: LogLevel, rhs: LogLevel) -> Bool { lhs.rawValue < rhs.rawValue }
}
