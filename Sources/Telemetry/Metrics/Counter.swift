import Synchronization

/// A number that only grows. Any thread may add to it.
package final class Counter: Sendable {
    private let total = Atomic<UInt64>(0)

    package init() {}

    /// Adds `amount`; past the largest number it starts again at 0, as scrapers expect.
    package func increment(by amount: Int = 1) {
        precondition(amount >= 0, "a counter only grows")
        self.total.wrappingAdd(UInt64(amount), ordering: .relaxed)
    }

    package var value: UInt64 { self.total.load(ordering: .relaxed) }
}
