import Chaos
import Testing

@Suite("A selector of nodes")
struct NodeSelectorTests {
    private static let orders = (0..<4).map { PartitionOutline(topic: "orders", index: $0) }

    private static let view = NodeSelector.View(
        nodes: (0..<5).map { .init(id: $0, zone: ["a", "b", "c"][$0 % 3], isBroker: true, isController: true) },
        controller: 4, leaders: [orders[0]: 3, orders[1]: 1, orders[2]: 3, orders[3]: -1],
        replicas: [orders[0]: [3, 2, 1]], turn: 6)

    @Test(
        "comes down to nodes in ascending order",
        arguments: [
            ("all", [0, 1, 2, 3, 4]), ("node 2", [2]), ("zone b", [1, 4]), ("leader-of-most", [3]),
            ("active-controller", [4]), ("leader of orders 1", [1]), ("leader of orders 3", []),
            ("follower of orders 0", [1]), ("next", [1]), ("minority", [0, 3]), ("majority", [0, 1, 4]),
            ("active-controller and leader-of-most and node 4", [3, 4]),
        ])
    func nodes(text: String, nodes: [Int]) throws {
        let selector = try #require(NodeSelector(text))
        #expect(selector.nodes(in: Self.view) == nodes)
        #expect(selector.text == text)
    }

    @Test("of equally busy leaders takes the one with the lowest id")
    func tie() {
        var view = Self.view
        view.leaders = [Self.orders[0]: 2, Self.orders[1]: 1]
        #expect(NodeSelector.leaderOfMost.nodes(in: view) == [1])
    }

    @Test("comes down to nothing while nobody tells who leads")
    func silence() {
        var view = Self.view
        (view.leaders, view.controller) = ([:], nil)
        for selector in [NodeSelector.leaderOfMost, .activeController, .minority, .majority] {
            #expect(selector.nodes(in: view) == [])
        }
    }

    @Test("is nothing else", arguments: ["", "everyone", "node x", "zone", "leader of orders", "all and x"])
    func invalid(text: String) {
        #expect(NodeSelector(text) == nil)
    }
}
