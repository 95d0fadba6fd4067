import ApusCore

/// When the controller's periodic work is due.
struct Schedule: Sendable {
    private let idleInterval: Interval?
    private let balanceInterval: Interval
    private let uncleanElectionInterval: Interval
    private(set) var idleDeadline: Instant
    private(set) var balanceDeadline: Instant
    private(set) var uncleanElectionDeadline: Instant
    /// When leaders in zones that should not lead are looked for.
    private(set) var relocationDeadline: Instant = .distantFuture

    init(_ configuration: ControllerConfiguration, now: Instant) {
        self.idleInterval = configuration.idleIntervalMax > .zero ? configuration.idleIntervalMax : nil
        self.balanceInterval = configuration.leaderImbalanceCheckInterval
        self.uncleanElectionInterval = configuration.uncleanElectionInterval
        self.idleDeadline = self.idleInterval.map { now + $0 } ?? .distantFuture
        self.balanceDeadline =
            configuration.isLeaderBalancingEnabled ? now + self.balanceInterval : .distantFuture
        self.uncleanElectionDeadline = now + self.uncleanElectionInterval
    }

    var nextDeadline: Instant {
        min(self.idleDeadline, self.balanceDeadline, self.uncleanElectionDeadline, self.relocationDeadline)
    }

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

    /// - Parameter isDraining: true while zones are drained: replicas outside them may come back into the ISR.
    mutating func relocated(now: Instant, isComplete: Bool, isDraining: Bool) {
        if isComplete {
            self.relocationDeadline = isDraining ? now + Self.drainCheckInterval : .distantFuture
        } else {
            self.relocationDeadline = now
        }
    }

    /// How often a drained zone is looked at for leaders that could not leave it before.
    static let drainCheckInterval = Interval.seconds(1)

    /// The next tick moves leaders, because the zones that should lead have changed.
    mutating func relocate() {
        self.relocationDeadline = Instant(nanoseconds: .min)
    }

    /// The next check of the balance is due now, where there are any.
    mutating func balance() {
        if self.balanceDeadline != .distantFuture { self.balanceDeadline = Instant(nanoseconds: .min) }
    }

    /// The next tick looks at partitions without a leader, because what is allowed has changed.
    mutating func electUncleanly() {
        self.uncleanElectionDeadline = Instant(nanoseconds: .min)
    }
}
