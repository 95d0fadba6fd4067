import ApusCore
import Synchronization

/// A value that several metrics share and that is worked out once for a reading of them all.
final class RecentValue<Value: Sendable>: Sendable {
    private struct Kept {
        var value: Value
        var at: Instant
    }

    private let kept = Mutex<Kept?>(nil)
    private let age: Interval

    /// - Parameter age: how old the value may become.
    init(age: Interval) {
        self.age = age
    }

    /// The value, worked out anew by `make` if it is too old. Readers at the same time wait for each other.
    func value(now: Instant, _ make: () -> Value) -> Value {
        self.kept.withLock { kept in
            if let kept, now - kept.at < self.age { return kept.value }
            let value = make()
            kept = Kept(value: value, at: now)
            return value
        }
    }
}
