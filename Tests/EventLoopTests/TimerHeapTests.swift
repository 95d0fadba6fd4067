import ApusCore
import EventLoop
import Testing

@Suite("Timer heap")
struct TimerHeapTests {
    @Test("timers come out by deadline, and in order of scheduling where deadlines are equal")
    func order() {
        var heap = TimerHeap<String>()
        _ = heap.insert("late", at: Instant(nanoseconds: 30))
        _ = heap.insert("first of two", at: Instant(nanoseconds: 20))
        _ = heap.insert("second of two", at: Instant(nanoseconds: 20))
        _ = heap.insert("early", at: Instant(nanoseconds: 10))
        #expect(heap.earliest == Instant(nanoseconds: 10))
        var due: [String] = []
        while let next = heap.popDue(Instant(nanoseconds: 20)) { due.append(next) }
        #expect(due == ["early", "first of two", "second of two"])
        #expect(heap.earliest == Instant(nanoseconds: 30))
    }

    @Test("a timer that fired or was cancelled is not found again, though its place is reused")
    func identity() {
        var heap = TimerHeap<Int>()
        let fired = heap.insert(1, at: Instant(nanoseconds: 1))
        #expect(heap.popDue(Instant(nanoseconds: 1)) == 1)
        let waiting = heap.insert(2, at: Instant(nanoseconds: 2))
        #expect(heap.cancel(fired) == nil)
        #expect(heap.cancel(waiting) == 2)
        #expect(heap.cancel(waiting) == nil)
        #expect(heap.count == 0)
    }

    @Test("any mix of inserts, cancels and pops agrees with a sorted list", arguments: 0..<20)
    func model(seed: UInt64) {
        var random = SeededRandom(seed: seed)
        var heap = TimerHeap<Int>()
        var model: [(deadline: Int64, payload: Int, id: TimerID)] = []
        for step in 0..<2_000 {
            switch UInt8.random(in: 0..<4, using: &random) {
            case 0, 1:
                let deadline = Int64.random(in: 0..<500, using: &random)
                model.append((deadline, step, heap.insert(step, at: Instant(nanoseconds: deadline))))
            case 2:
                guard let victim = model.indices.randomElement(using: &random) else { continue }
                #expect(heap.cancel(model[victim].id) == model[victim].payload, "seed \(seed)")
                model.remove(at: victim)
            default:
                let now = Int64.random(in: 0..<500, using: &random)
                let next = model.min { ($0.deadline, $0.payload) < ($1.deadline, $1.payload) }
                let expected = next.flatMap { $0.deadline <= now ? $0.payload : nil }
                #expect(heap.popDue(Instant(nanoseconds: now)) == expected, "seed \(seed)")
                if let expected { model.removeAll { $0.payload == expected } }
            }
            #expect(heap.count == model.count, "seed \(seed)")
        }
    }
}
