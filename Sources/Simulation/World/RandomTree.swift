package import ApusCore

/// The randomness of a world: one seed, and a generator of its own for each purpose, so that a part that draws once more
/// than before changes nothing for the others.
package struct RandomTree: Hashable, Sendable {
    package let seed: UInt64

    package init(seed: UInt64) {
        self.seed = seed
    }

    /// The branch for a purpose; the same for the same name.
    package func branch(_ purpose: String, _ index: UInt64 = 0) -> RandomTree {
        var hash: UInt64 = 0xcbf2_9ce4_8422_2325
        for byte in purpose.utf8 { hash = (hash ^ UInt64(byte)) &* 0x0000_0100_0000_01b3 }
        var mixer = SeededRandom(seed: self.seed ^ hash)
        let first = mixer.next()
        mixer = SeededRandom(seed: first &+ index &* 0x9e37_79b9_7f4a_7c15)
        return RandomTree(seed: mixer.next())
    }

    /// A generator that starts at this branch.
    package var generator: SeededRandom { SeededRandom(seed: self.seed) }
}
