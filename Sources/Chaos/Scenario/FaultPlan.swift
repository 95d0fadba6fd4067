package import ApusCore

/// One entry of a scenario's timeline.
package struct FaultPlan: Equatable, Sendable {
    package enum Kind: Equatable, Sendable {
        /// kill -9; with a length, started again after it.
        case kill
        /// SIGTERM; with a length, started again that long after the process has ended.
        case stop
        /// Each node in turn: SIGTERM (or kill -9), started again, and the next one when all replicas are in sync.
        case roll(kills: Bool)
        /// SIGSTOP, then SIGCONT.
        case pause
        /// Nothing passes between the target and the others.
        case cut(Cut)
        /// What passes is late, or no more than so many bytes a second.
        case slowLink(latency: Interval, bytesPerSecond: Int?)
        /// All connections of the target are reset, once.
        case reset
        /// New connections from and to the target are refused.
        case refuse
        case slowDisk(write: Interval, sync: Interval)
        case fullDisk
        case failingSync
        /// The target's clock jumps.
        case clock(shift: Interval)
        /// More producers, for the length.
        case storm(producers: Int, rate: Int)

        /// The scenario's word for it.
        package var word: String {
            switch self {
            case .kill: "kill"
            case .stop: "stop"
            case .roll: "roll"
            case .pause: "pause"
            case .cut: "cut"
            case .slowLink: "slow-link"
            case .reset: "reset"
            case .refuse: "refuse"
            case .slowDisk: "slow-disk"
            case .fullDisk: "full-disk"
            case .failingSync: "failing-fsync"
            case .clock: "clock"
            case .storm: "storm"
            }
        }
    }

    /// What a cut takes away.
    package struct Cut: Equatable, Sendable {
        package enum Direction: String, Equatable, Sendable, CaseIterable {
            case both
            /// What the target sends is lost; it still hears the others.
            case outgoing = "from-target"
            /// What others send to the target is lost; they still hear it.
            case incoming = "to-target"
        }

        package var direction: Direction
        /// Clients are on the other side: they do not reach the target either.
        package var cutsClients: Bool
        /// The targets do not reach each other either.
        package var isolatesEach: Bool

        package init(
            direction: Direction, cutsClients: Bool, isolatesEach: Bool
        ) {
            self.direction = direction
            self.cutsClients = cutsClients
            self.isolatesEach = isolatesEach
        }
    }

    package var kind: Kind
    package var target: NodeSelector
    /// Since the end of the warm-up.
    package var at: Interval
    /// Nil where it is never taken back.
    package var length: Interval?
    /// How often it happens, with so long between two beginnings.
    package var count: Int
    package var every: Interval
    /// The line in the file.
    package var line: Int

    package init(
        kind: Kind, target: NodeSelector, at: Interval, length: Interval?, count: Int, every: Interval, line: Int
    ) {
        self.kind = kind
        self.target = target
        self.at = at
        self.length = length
        self.count = count
        self.every = every
        self.line = line
    }
}
