import ApusCore

/// When the controller's periodic work is due.
struct Schedule: Sendable {
    private let idleInterval: Interval?
    private let balanceInterval: Interval
    private let uncleanElectionInterval: Interval
    private(set) var idleDeadline: Instant
    private(set) var balanceDeadline: Instant
    private(set) var uncleanElectionDeadline: Instant

    init(_ configuration: ControllerConfiguration, now: Instant) {
        self.idleInterval = configuration.idleIntervalMax > .zero ? configuration.idleIntervalMax : nil
        self.balanceInterval = configuration.leaderImbalanceCheckInterval
        self.uncleanElectionInterval = configuration.uncleanElectionInterval
        self.idleDeadline = self.idleInterval.map { now + $0 } ?? .distantFuture
        self.balanceDeadline =
            configuration.isLeaderBalancingEnabled ? now + self.balanceInterval : .distantFuture
        self.uncleanElectionDeadline = now + self.uncleanElectionInterval
    }

    var nextDeadline: Instant { min(self.idleDeadline, self.balanceDeadline, self.uncleanElectionDeadline) }

    /// Records were written: the log is not idle.
    mutating func wrote(now: Instant) {
        if let idleInterval { self.idleDeadline = now + idleInterval }
    }

    /// - Parameter isComplete: false where work is left that should go on at once.
    mutating func balanced(now: Instant, isComplete: Bool) {
        self.balanceDeadline = isComplete ? now + self.balanceInterval : now
    }

    mutating func electedUncleanly(now: Instant, isComplete: Bool) {
        self.uncleanElectionDeadline = isComplete ? now + self.uncleanElectionInterval : now
    }

    /// The next tick looks at partitions without a leader, because what is allowed has changed.
    mutating func electUncleanly() {
        self.uncleanElectionDeadline = Instant(nanoseconds: .min)
    }
}
