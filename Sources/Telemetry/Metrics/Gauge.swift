import Synchronization

/// A number that goes up and down. Any thread may change it.
package final class Gauge: Sendable {
    private let current = Atomic<Int64>(0)

    package init() {}

    package func set(_ value: Int64) {
        self.current.store(value, ordering: .relaxed)
    }

    package func add(_ amount: Int64) {
        self.current.wrappingAdd(amount, ordering: .relaxed)
    }

    package var value: Int64 { self.current.load(ordering: .relaxed) }
}
