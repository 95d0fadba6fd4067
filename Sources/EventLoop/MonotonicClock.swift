package import ApusCore
import CSystem

/// The clock that never goes back, read from the system.
package enum MonotonicClock {
    /// This moment. On a loop, `EventLoop.now` is cheaper where a moment per iteration is precise enough.
    package static func now() -> Instant {
        Instant(nanoseconds: apus_monotonic_nanoseconds())
    }
}
