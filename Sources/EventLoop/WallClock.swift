package import ApusCore
import Glibc

/// The time of day, for timestamps that are stored or told to clients. It may jump: nothing waits by it.
package enum WallClock {
    package static func now() -> Timestamp {
        var time = timespec()
        clock_gettime(CLOCK_REALTIME, &time)
        return Timestamp(Int64(time.tv_sec) * 1000 + Int64(time.tv_nsec) / 1_000_000)
    }
}
