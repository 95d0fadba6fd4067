import CSystem

/// What a loop watches a descriptor for. Errors and hang-ups are reported whatever is asked for.
package struct Interest: OptionSet, Hashable, Sendable {
    package let rawValue: UInt32

    package init(rawValue: UInt32) {
        self.rawValue = rawValue
    }

    package static let readable = Interest(rawValue: apus_epoll_in)
    package static let writable = Interest(rawValue: apus_epoll_out)
    /// The peer has closed, or will send no more: seen even where nothing is read.
    package static let peerClosed = Interest(rawValue: apus_epoll_peer_closed)

    /// What connections ask for at every turn: without the generic algebra of sets, which is not specialised across
    /// modules.
    package init(readable: Bool, writable: Bool, peerClosed: Bool) {
        self.rawValue =
            (readable ? apus_epoll_in : 0) | (writable ? apus_epoll_out : 0)
            | (peerClosed ? apus_epoll_peer_closed : 0)
    }
}

/// What a loop saw on a descriptor.
package struct Readiness: OptionSet, Hashable, Sendable {
    package let rawValue: UInt32

    package init(rawValue: UInt32) {
        self.rawValue = rawValue
    }

    package static let readable = Readiness(rawValue: apus_epoll_in)
    package static let writable = Readiness(rawValue: apus_epoll_out)
    package static let peerClosed = Readiness(rawValue: apus_epoll_peer_closed)
    /// An error is pending, or both directions are closed.
    package static let broken = Readiness(rawValue: Self.brokenBits)

    private static let brokenBits = apus_epoll_error | apus_epoll_hang_up

    /// Reading brings something: bytes, the end, or the error.
    package var letsRead: Bool { self.rawValue & (apus_epoll_in | apus_epoll_peer_closed | Self.brokenBits) != 0 }
    /// Writing goes on, or shows the error.
    package var letsWrite: Bool { self.rawValue & (apus_epoll_out | Self.brokenBits) != 0 }
    /// The peer sends no more, or nobody can.
    package var ends: Bool { self.rawValue & (apus_epoll_peer_closed | Self.brokenBits) != 0 }
}

/// Is told on its loop's thread what happened to the descriptor it was registered with.
package protocol ReadinessHandler: AnyObject {
    /// Reporting is level-triggered: what is not dealt with is reported again.
    func descriptorReady(_ readiness: Readiness)
}

/// Is called once at the end of the iteration in which it asked for that.
package protocol IterationEndHandler: AnyObject {
    func iterationEnded()
}

/// Names one registration of one loop; never reused.
package struct Registration: Hashable, Sendable {
    let slot: UInt32
    let generation: UInt32

    init(slot: UInt32, generation: UInt32) {
        self.slot = slot
        self.generation = generation
    }

    init(token: UInt64) {
        self.init(slot: UInt32(truncatingIfNeeded: token), generation: UInt32(truncatingIfNeeded: token >> 32))
    }

    var token: UInt64 { UInt64(self.generation) << 32 | UInt64(self.slot) }
}
