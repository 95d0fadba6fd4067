package import ApusCore
package import History

/// What became of one world.
package struct Outcome: Sendable {
    package var seed: UInt64
    /// The promise that was broken first; nil where all held.
    package var violation: Violation?
    /// What the world was doing.
    package var phase: Phase
    package var events: UInt64
    /// Of these, those before the healing.
    package var faultyEvents: UInt64 = 0
    package var virtualTime: Interval
    /// The same for the same seed, everywhere.
    package var traceHash: UInt64
    /// The last events, oldest first.
    package var lastEvents: [String]
    /// How often each kind of fault struck.
    package var faults: [String: Int] = [:]
    /// Batches that readers got from nodes that did not lead.
    package var nearbyReads = 0
    /// What the clients saw; nil where the world did not come that far.
    package var verdict: Verdict?

    package enum Phase: String, Hashable, Sendable {
        case starting
        case faulty
        case healing
        case reading
        case judging
    }
}
