import ApusCore
import Networking
import Testing

@Suite("Response order")
struct ResponseOrderTests {
    @Test("answers wait for those of earlier requests")
    func order() {
        var order = ResponseOrder<String>()
        let (first, second) = (order.open(), order.open())
        order.fulfil(second, with: "second")
        #expect(order.next() == nil)
        order.fulfil(first, with: "first")
        #expect([order.next(), order.next(), order.next()] == ["first", "second", nil])
        #expect(order.outstanding == 0)
    }

    @Test("a request without an answer holds nothing up")
    func skipped() {
        var order = ResponseOrder<String>()
        let (first, second, third) = (order.open(), order.open(), order.open())
        order.fulfil(second, with: nil)
        order.fulfil(third, with: "third")
        #expect(order.next() == nil)
        order.fulfil(first, with: nil)
        #expect([order.next(), order.next()] == ["third", nil])
    }

    @Test("any order of answering yields the order of asking", arguments: 0..<20)
    func shuffled(seed: UInt64) {
        var random = SeededRandom(seed: seed)
        var order = ResponseOrder<UInt64>()
        var waiting: [ResponseSlot] = []
        var seen: [UInt64] = []
        for _ in 0..<500 {
            if waiting.isEmpty || (waiting.count < 40 && Bool.random(using: &random)) {
                waiting.append(order.open())
            } else {
                let slot = waiting.remove(at: Int.random(in: waiting.indices, using: &random))
                order.fulfil(slot, with: slot.sequence % 7 == 0 ? nil : slot.sequence)
            }
            while let next = order.next() { seen.append(next) }
        }
        #expect(seen == seen.sorted(), "seed \(seed)")
        #expect(seen.count == Set(seen).count)
        #expect(seen.allSatisfy { $0 % 7 != 0 })
    }
}
