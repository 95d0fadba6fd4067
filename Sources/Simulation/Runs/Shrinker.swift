/// Makes a failure smaller: fewer events, fewer faults, fewer clients, as long as the same promise is broken.
///
/// Every step runs the whole world again; the same seed with the same narrowing is the same world.
package struct Shrinker {
    private let seed: UInt64
    private let promise: String
    /// Lives a world and tells the promise that it breaks, and the events before the healing; nil where none is broken.
    private let live: (Narrowing) -> (promise: String, events: UInt64)?
    /// Worlds that may still be lived.
    private var budget: Int
    package private(set) var narrowing: Narrowing
    /// The steps of the plan, before any was taken away.
    private let stepCount: Int

    package init(
        seed: UInt64, promise: String, narrowing: Narrowing, stepCount: Int, budget: Int = 60,
        live: @escaping (Narrowing) -> (promise: String, events: UInt64)?
    ) {
        self.seed = seed
        self.promise = promise
        self.narrowing = narrowing
        self.stepCount = stepCount
        self.budget = budget
        self.live = live
    }

    /// Tries until nothing can be taken away, or the budget is used up.
    package mutating func shrink() -> Narrowing {
        self.dropClients()
        self.shorten()
        self.dropSteps()
        self.shorten()
        return self.narrowing
    }

    private mutating func accepts(_ candidate: Narrowing) -> Bool {
        guard self.budget > 0, candidate != self.narrowing else { return false }
        self.budget -= 1
        guard let lived = self.live(candidate), lived.promise == self.promise else { return false }
        self.narrowing = candidate
        return true
    }

    private mutating func dropClients() {
        let changes: [(inout Narrowing) -> Void] = [
            { $0.withoutAdmin = true }, { $0.readersMax = 0 }, { $0.withoutRestarts = true }, { $0.writersMax = 1 },
            { $0.withoutDead = true },
        ]
        for change in changes {
            var candidate = self.narrowing
            change(&candidate)
            _ = self.accepts(candidate)
        }
    }

    private mutating func shorten() {
        while let events = self.narrowing.events, events > 200 {
            var candidate = self.narrowing
            candidate.events = events / 2
            if self.accepts(candidate) { continue }
            candidate.events = events / 4 * 3
            if !self.accepts(candidate) { return }
        }
    }

    /// Takes away halves, then quarters, and so on, then single faults.
    private mutating func dropSteps() {
        var size = max(1, self.kept.count / 2)
        while size >= 1, self.budget > 0 {
            var start = 0
            while start < self.kept.count, self.budget > 0 {
                var candidate = self.narrowing
                var steps = self.kept
                steps.removeSubrange(start..<min(start + size, steps.count))
                candidate.steps = steps
                if !self.accepts(candidate) { start += size }
            }
            if size == 1 { return }
            size /= 2
        }
    }

    private var kept: [Int] { self.narrowing.steps ?? Array(0..<self.stepCount) }
}
