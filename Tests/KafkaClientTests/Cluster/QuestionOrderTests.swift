import ApusCore
import KafkaClient
import Testing

@Suite("Who is asked")
struct QuestionOrderTests {
    private static let brokers = (0..<3).map { BrokerEndpoint(node: NodeID($0), host: "h", port: 9092 + $0) }
    private static let known = Dictionary(uniqueKeysWithValues: brokers.map { ($0.node, $0) })

    private static func at(_ seconds: Int64) -> Instant { Instant(nanoseconds: 0) + .seconds(seconds) }

    @Test("a broker that is late elsewhere is left for another, and comes last from then on")
    func leaves() {
        var order = QuestionOrder()
        let isLeft = order.areLate([0], asking: Self.brokers[0], among: Self.known, now: Self.at(0))
        #expect(isLeft)
        #expect(order.sorted(Self.brokers).map(\.node) == [1, 2, 0])
    }

    @Test("a bootstrap server is known by its address")
    func bootstrap() {
        var order = QuestionOrder()
        let server = BrokerEndpoint(node: -2, host: "h", port: 9093)
        let isLeft = order.areLate([1], asking: server, among: Self.known, now: Self.at(0))
        #expect(isLeft)
    }

    @Test("a broker that is in time is asked on")
    func stays() {
        var order = QuestionOrder()
        let isLeft = order.areLate([1], asking: Self.brokers[0], among: Self.known, now: Self.at(0))
        #expect(!isLeft)
    }

    @Test("where all are late none is left, and none is left again at once")
    func bound() {
        var order = QuestionOrder()
        let isLeftForNone = order.areLate([0, 1, 2], asking: Self.brokers[0], among: Self.known, now: Self.at(0))
        #expect(!isLeftForNone)
        let isLeftOnce = order.areLate([0, 1], asking: Self.brokers[0], among: Self.known, now: Self.at(1))
        #expect(isLeftOnce)
        let isLeftAtOnce = order.areLate([0, 1], asking: Self.brokers[1], among: Self.known, now: Self.at(2))
        #expect(!isLeftAtOnce)
        let isLeftLater = order.areLate([0, 1], asking: Self.brokers[1], among: Self.known, now: Self.at(3))
        #expect(isLeftLater)
    }
}
