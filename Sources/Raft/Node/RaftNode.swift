package import ApusCore

/// One replica of the metadata log as a machine: what happens goes in, what must be done comes out.
///
/// The roles and their transitions are listed at `RaftRole`. Every input takes the current instant and returns the
/// effects that the driver carries out in order before the next input.
///
/// Durability: an effect that tells another replica something comes after the `persist` that makes it true; records are
/// acknowledged, by a voter's fetch or by the leader counting itself, only after `flushed`. A majority that holds a
/// record durably therefore holds it after any crash.
///
/// Source: KIP-595 (quorum), KIP-630 (snapshots), KIP-835 (check quorum), KIP-853 (replica keys), KIP-996 (pre-vote),
/// KIP-1166 (high watermark in fetches).
package struct RaftNode: Equatable, Sendable {
    package let configuration: RaftConfiguration
    /// What the `quorum-state` file holds, or will once the effects returned are done.
    package internal(set) var election: ElectionState
    package internal(set) var role: RaftRole
    /// The log as the inputs and the effects so far have left it.
    package internal(set) var log: EpochHistory
    /// Everything below is durable.
    package internal(set) var flushedOffset: Offset
    /// Everything below is committed; nil until it is known after a start.
    package internal(set) var highWatermark: Offset?
    /// The latest snapshot.
    package internal(set) var snapshotID: OffsetAndEpoch?
    /// When this replica last heard a leader as its follower, or led itself; nil where it never did since its start.
    package internal(set) var leaderHeardAt: Instant?
    /// Set by `shutdown`: the replica stands for no election any more.
    package internal(set) var isShuttingDown = false

    /// Requests on their way: at most one to a replica, all of the present role.
    var outstanding: [OutstandingRequest] = []
    /// Elections lost in a row since a leader was last heard.
    var electionsLost = 0
    var truncationCount = 0
    var nextRequestID: OutboundRequestID = 1
    var random: SeededRandom
    var armedTimer: Instant?

    struct OutstandingRequest: Hashable, Sendable {
        var id: OutboundRequestID
        var peer: NodeID
        var deadline: Instant
    }

    /// A replica that has not started. `election` is what the `quorum-state` file holds, `log` what was found on disk,
    /// all of it flushed, and `snapshotID` the latest snapshot there.
    package init(
        configuration: RaftConfiguration, election: ElectionState, log: EpochHistory, snapshotID: OffsetAndEpoch?,
        seed: UInt64
    ) {
        precondition(
            election.epoch >= log.lastEpoch, "the quorum state is older than the log: a vote may have been forgotten")
        precondition(log.start.offset == 0 || snapshotID != nil, "a log that lost its beginning needs a snapshot")
        self.configuration = configuration
        self.election = election
        self.log = log
        self.flushedOffset = log.endOffset
        self.snapshotID = snapshotID
        self.highWatermark = snapshotID.map { max($0.offset, log.start.offset) }
        self.random = SeededRandom(seed: seed)
        self.role = .unattached(UnattachedState(electionDeadline: .distantFuture))
    }

    // MARK: What is known

    package var epoch: LeaderEpoch { self.election.epoch }

    /// The leader of the current epoch if this replica leads or follows one.
    package var leaderID: NodeID? {
        switch self.role {
        case .leader: self.localID
        case .follower(let follower): follower.leaderID
        case .unattached, .prospective, .candidate, .resigned: nil
        }
    }

    package var isLeader: Bool {
        if case .leader = self.role { true } else { false }
    }

    /// Whether records are in the log that no flush has covered: the driver then starts one.
    package var needsFlush: Bool { self.flushedOffset < self.log.endOffset }

    /// To be taken when a flush starts.
    package var flushTicket: FlushTicket {
        FlushTicket(endOffset: self.log.endOffset, truncationCount: self.truncationCount)
    }

    /// Whether the process may end: this replica leads nothing, and who should know was told.
    package var isReadyToStop: Bool {
        switch self.role {
        case .leader: false
        case .resigned(let resigned): resigned.unacknowledged.isEmpty
        case .unattached, .prospective, .candidate, .follower: true
        }
    }

    // MARK: Inputs of the process

    /// The first input, once.
    package mutating func start(now: Instant) -> [RaftEffect] {
        var effects: [RaftEffect] = []
        let isAlone = self.configuration.voters.majority == 1
        let delay = isAlone ? .zero : self.randomInterval(below: RaftConfiguration.initialElectionDelayMax)
        self.role = .unattached(self.unattachedState(electionDeadline: now + delay, now: now))
        self.settle(now, &effects)
        return effects
    }

    /// The instant of `RaftEffect.setTimer` has come. Harmless at any other time.
    package mutating func timerFired(now: Instant) -> [RaftEffect] {
        var effects: [RaftEffect] = []
        if let armedTimer, armedTimer <= now { self.armedTimer = nil }
        self.settle(now, &effects)
        return effects
    }

    /// Gives up leadership if this replica leads in `epoch`, for instance because its controller failed.
    package mutating func resign(epoch: LeaderEpoch, now: Instant) -> [RaftEffect] {
        var effects: [RaftEffect] = []
        if epoch == self.epoch, self.isLeader { self.becomeResigned(now, &effects) }
        self.settle(now, &effects)
        return effects
    }

    /// The process is about to end. A leader hands over; go on with inputs until `isReadyToStop`.
    package mutating func shutdown(now: Instant) -> [RaftEffect] {
        var effects: [RaftEffect] = []
        self.isShuttingDown = true
        switch self.role {
        case .leader: self.becomeResigned(now, &effects)
        case .unattached, .prospective, .candidate: self.becomeUnattached(epoch: self.epoch, now, &effects)
        case .resigned(var state):
            state.electionDeadline = .distantFuture
            self.role = .resigned(state)
        case .follower: break
        }
        self.settle(now, &effects)
        return effects
    }

    var localID: NodeID { self.configuration.local.id }
}
