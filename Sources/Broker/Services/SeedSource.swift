import ApusCore
import Synchronization

/// Hands out seeds, one after the other, that all follow from the first. Any thread may draw.
final class SeedSource: Sendable {
    private let count = Atomic<UInt64>(0)
    private let seed: UInt64

    init(seed: UInt64) {
        self.seed = seed
    }

    func next() -> UInt64 {
        var random = SeededRandom(seed: self.seed &+ self.count.wrappingAdd(1, ordering: .relaxed).newValue)
        return random.next()
    }
}
