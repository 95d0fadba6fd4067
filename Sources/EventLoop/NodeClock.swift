package import ApusCore

/// The clocks of a node: the system's, or those of the virtual host it runs on.
///
/// A copy costs nothing, and reading costs one branch more than the system's clock itself.
package struct NodeClock: Sendable {
    /// Where the node runs in virtual time.
    package let host: (any VirtualHost)?

    /// The system's clocks.
    package static let system = NodeClock(host: nil)

    private init(host: (any VirtualHost)?) {
        self.host = host
    }

    /// The clocks of `host`.
    package init(_ host: any VirtualHost) {
        self.init(host: host)
    }

    /// This moment on the clock that never goes back.
    package var monotonic: Instant {
        if let host = self.host { host.now } else { MonotonicClock.now() }
    }

    /// The time of day, for timestamps that are stored or told to clients. It may jump: nothing waits by it.
    package var wall: Timestamp {
        if let host = self.host { host.wallClock } else { WallClock.now() }
    }
}
