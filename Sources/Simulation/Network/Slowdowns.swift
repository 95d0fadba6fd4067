/// By how much something is slower than usual: where several slow-downs overlap, as much as the worst of them, until the
/// last one ends.
package struct Slowdowns: Hashable, Sendable {
    /// How many times longer everything takes; at least 1.
    package private(set) var factor: Int64 = 1
    private var factors: [Int64] = []

    package init() {}

    package mutating func begin(_ factor: Int64) {
        precondition(factor >= 1, "nothing is slower by less than once")
        self.factors.append(factor)
        self.factor = max(self.factor, factor)
    }

    package mutating func end(_ factor: Int64) {
        guard let index = self.factors.firstIndex(of: factor) else { preconditionFailure("\(factor) did not begin") }
        self.factors.remove(at: index)
        self.factor = self.factors.max() ?? 1
    }
}
