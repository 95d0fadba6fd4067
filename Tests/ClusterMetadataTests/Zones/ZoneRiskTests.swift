import ApusCore
import ClusterMetadata
import Testing

@Suite("Zones that must not be lost")
struct ZoneRiskTests {
    @Test(
        "A zone is named where its loss leaves fewer in sync than the minimum",
        arguments: [
            (["a", "b", "c"], [0, 1, 2], 2, []),
            (["a", "b", "c"], [0, 1, 2], 3, ["a", "b", "c"]),
            (["a", "b", "c"], [0, 1], 2, ["a", "b"]),
            (["a", "a", "b"], [0, 1, 2], 2, ["a"]),
            (["a", "a", "b"], [0, 1, 2], 1, []),
            (["a", "a", "b"], [2, 0], 1, []),
            (["a", nil, nil], [0, 1, 2], 2, [nil]),
            (["a", "b"], [], 1, []),
        ] as [([String?], [Int32], Int, [String?])])
    func zones(racks: [String?], isr: [Int32], minInsyncReplicas: Int, expected: [String?]) {
        let zone = { (broker: NodeID) in racks[Int(broker.rawValue)] }
        let members = isr.map { NodeID($0) }
        #expect(
            ZoneRisk.zones(isr: members, minInsyncReplicas: minInsyncReplicas, zone: zone) == expected)
        #expect(
            ZoneRisk.isAtRisk(isr: members, minInsyncReplicas: minInsyncReplicas, zone: zone)
                == !expected.isEmpty)
    }

    @Test("A cluster in one zone, or in none, has no zone to lose")
    func oneZone() {
        #expect(!ZoneRisk.isMeaningful([]))
        #expect(!ZoneRisk.isMeaningful([nil, nil]))
        #expect(!ZoneRisk.isMeaningful(["a", "a"]))
        #expect(ZoneRisk.isMeaningful(["a", nil]))
        #expect(ZoneRisk.isMeaningful([nil, "a"]))
        #expect(ZoneRisk.isMeaningful(["a", "a", "b"]))
    }
}
