package import ApusCore

/// One machine in virtual time: what a node's loops and pools run on in place of threads and clocks.
///
/// Everything of one host runs on one thread, one piece at a time: turns of its loops (`EventLoop.turn`) and the jobs it
/// was handed by `submit`, never one within the other. The scheduler that owns the host decides the order.
package protocol VirtualHost: AnyObject, Sendable {
    /// The host's clock that never goes back.
    var now: Instant { get }

    /// The host's time of day.
    var wallClock: Timestamp { get }

    /// `loop` has work now: give it a turn. Called from anywhere, within a turn of another loop too; at most once
    /// between two turns of `loop`. The turn must not be run within this call.
    func wake(_ loop: EventLoop)

    /// A job that may wait for the disk or a name server: to be run later, outside of any turn, begun in order of
    /// submission. False refuses it.
    func submit(_ work: @escaping @Sendable () -> Void) -> Bool

    /// A number for whoever draws from randomness of its own, different with every call.
    func nextSeed() -> UInt64
}

/// Something that a virtual loop watches in place of a descriptor.
package protocol VirtualSource: AnyObject {
    /// What there is to see now, as the system would report it; a loop asks within its turn only.
    var readiness: Readiness { get }
}
