import Simulation
import Testing

struct ShrinkerTests {
    @Test("What is not needed for a failure is taken away")
    func shrinks() {
        var narrowing = Narrowing()
        narrowing.events = 8000
        var shrinker = Shrinker(seed: 1, promise: "same-prefix", narrowing: narrowing, stepCount: 12, budget: 200) {
            // Fails with faults 3 and 7, an administrator, and a thousand events.
            let steps = $0.steps ?? Array(0..<12)
            let fails =
                steps.contains(3) && steps.contains(7) && !$0.withoutAdmin && $0.events ?? 0 >= 1000
            return fails ? ("same-prefix", 0) : nil
        }
        let shrunk = shrinker.shrink()
        #expect(shrunk.steps == [3, 7] && !shrunk.withoutAdmin && shrunk.readersMax == 0)
        #expect((1000..<1500).contains(shrunk.events ?? 0))
        #expect(shrunk.arguments.contains("3,7"))
    }

    @Test("A failure of another kind is not taken for the same")
    func otherFailure() {
        var narrowing = Narrowing()
        narrowing.events = 400
        var shrinker = Shrinker(seed: 1, promise: "same-prefix", narrowing: narrowing, stepCount: 0) { _ in
            ("one-vote", 0)
        }
        #expect(shrinker.shrink() == narrowing)
    }
}
