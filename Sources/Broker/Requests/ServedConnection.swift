import ApusCore

/// What this target knows of a client's connection: its `userState`.
final class ServedConnection: @unchecked Sendable {
    // Unchecked: what can change is touched on the connection's loop only, as all of a connection's state.

    let times = RequestTimes()
    /// The broker that speaks on it, on a controller's listener.
    var broker: NodeID?
    let openedAt: Instant

    init(openedAt: Instant) {
        self.openedAt = openedAt
    }
}
