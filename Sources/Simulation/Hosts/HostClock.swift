package import ApusCore

/// The clocks of one machine: they run a little too fast or too slow, and the time of day may jump.
package struct HostClock: Hashable, Sendable {
    /// Parts in a million by which both clocks are too fast.
    package var drift: Int64
    /// What the monotonic clock showed when the world began.
    package var start: Instant
    /// Milliseconds since 1970-01-01 UTC that the time of day showed when the world began.
    package var wallStart: Int64

    package init(drift: Int64, start: Instant, wallStart: Int64) {
        precondition(abs(drift) < 100_000, "a clock that is off by a tenth is broken")
        self.drift = drift
        self.start = start
        self.wallStart = wallStart
    }

    private func elapsed(_ world: Instant) -> Int64 {
        world.nanoseconds + world.nanoseconds / 1_000_000 * self.drift
            + world.nanoseconds % 1_000_000 * self.drift / 1_000_000
    }

    /// What the clock that never goes back shows at a moment of the world.
    package func monotonic(at world: Instant) -> Instant {
        Instant(nanoseconds: self.start.nanoseconds + self.elapsed(world))
    }

    /// The time of day that is shown at a moment of the world.
    package func wall(at world: Instant) -> Timestamp {
        Timestamp(self.wallStart + self.elapsed(world) / 1_000_000)
    }

    /// The first moment of the world at which the monotonic clock shows `instant` or more; the end of time for an
    /// instant that never comes, the beginning of the world for one that was before.
    package func world(at instant: Instant) -> Instant {
        guard instant < .distantFuture else { return .distantFuture }
        guard instant > self.start else { return Instant(nanoseconds: 0) }
        let wanted = instant.nanoseconds - self.start.nanoseconds
        let rate = 1_000_000 + self.drift
        var moment = wanted / rate * 1_000_000 + wanted % rate * 1_000_000 / rate
        while self.elapsed(Instant(nanoseconds: moment)) < wanted { moment += 1 }
        return Instant(nanoseconds: moment)
    }
}
