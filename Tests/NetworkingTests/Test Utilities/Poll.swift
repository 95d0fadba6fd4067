import ApusCore
import EventLoop
import Glibc
import Testing

/// Waits until `condition` holds, and fails the test where that takes longer than the limit.
func poll(
    until what: Comment, timeLimit: Interval = .seconds(20), sourceLocation: SourceLocation = #_sourceLocation,
    _ condition: () -> Bool
) {
    let deadline = MonotonicClock.now() + timeLimit
    while !condition() {
        if MonotonicClock.now() > deadline {
            Issue.record("waited in vain: \(what)", sourceLocation: sourceLocation)
            return
        }
        _ = Glibc.poll(nil, 0, 1)
    }
}
