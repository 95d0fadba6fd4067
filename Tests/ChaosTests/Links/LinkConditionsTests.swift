import ApusCore
import Chaos
import Testing

@Suite("The conditions of links")
struct LinkConditionsTests {
    private static func cut(
        _ targets: [Int], _ direction: FaultPlan.Cut.Direction = .both, clients: Bool = true, each: Bool = false
    ) -> LinkConditions {
        var conditions = LinkConditions()
        conditions.add(
            .cut(.init(direction: direction, cutsClients: clients, isolatesEach: each)), targets: targets,
            nodes: [0, 1, 2])
        return conditions
    }

    /// The pairs that are cut, as "0>1".
    private static func cuts(_ conditions: LinkConditions) -> [String] {
        let ends: [(String, LinkEnd)] = [("c", .clients), ("0", .node(0)), ("1", .node(1)), ("2", .node(2))]
        return ends.flatMap { from in
            ends.filter { conditions[from.1, $0.1].isCut }.map { "\(from.0)>\($0.0)" }
        }
    }

    @Test("a cut takes the links between the targets and all others, in both directions")
    func both() {
        #expect(Self.cuts(Self.cut([0])) == ["c>0", "0>c", "0>1", "0>2", "1>0", "2>0"])
        #expect(Self.cuts(Self.cut([0, 1], clients: false)) == ["0>2", "1>2", "2>0", "2>1"])
    }

    @Test("a one-way cut takes one direction")
    func oneWay() {
        #expect(Self.cuts(Self.cut([1], .outgoing, clients: false)) == ["1>0", "1>2"])
        #expect(Self.cuts(Self.cut([1], .incoming)) == ["c>1", "0>1", "2>1"])
    }

    @Test("a cut of each takes the links among the targets too")
    func each() {
        #expect(
            Self.cuts(Self.cut([0, 1, 2], clients: false, each: true)) == ["0>1", "0>2", "1>0", "1>2", "2>0", "2>1"])
    }

    @Test("faults that overlap leave the link as bad as the worst of them, and whole when all are gone")
    func overlap() {
        var faults = ActiveFaults()
        faults.add(1, .slowLink(latency: .milliseconds(20), bytesPerSecond: nil), targets: [0])
        faults.add(2, .slowLink(latency: .milliseconds(5), bytesPerSecond: 1000), targets: [1])
        let condition = faults.conditions(nodes: [0, 1])[.node(0), .node(1)]
        #expect(condition.latency == .milliseconds(20))
        #expect(condition.bytesPerSecond == 1000)
        faults.remove(1)
        faults.remove(2)
        #expect(faults.conditions(nodes: [0, 1]) == LinkConditions())
    }

    @Test("disk faults are lines for the nodes that have them")
    func disks() {
        var faults = ActiveFaults()
        faults.add(1, .slowDisk(write: .milliseconds(5), sync: .milliseconds(70)), targets: [0, 2])
        faults.add(2, .fullDisk, targets: [2])
        #expect(faults.diskLines(of: 0) == ["slow-write 5", "slow-fsync 70"])
        #expect(faults.diskLines(of: 1) == [])
        #expect(faults.diskLines(of: 2) == ["slow-write 5", "slow-fsync 70", "full"])
    }
}
