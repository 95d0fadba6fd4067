import ApusCore
import ClusterMetadata
import Testing

@Suite("Zones that must not be lost")
struct ZoneRiskTests {
    private func brokers(_ racks: [String?]) -> [NodeID: BrokerRegistration] {
        Dictionary(
            uniqueKeysWithValues: racks.enumerated().map { index, rack in
                let id = NodeID(Int32(index))
                return (id, BrokerRegistration(id: id, epoch: 1, incarnationID: .init(high: 0, low: 1), rack: rack))
            })
    }

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
        let brokers = self.brokers(racks)
        let members = isr.map { NodeID($0) }
        #expect(
            ZoneRisk.zones(isr: members, minInsyncReplicas: minInsyncReplicas, brokers: brokers) == expected)
        #expect(
            ZoneRisk.isAtRisk(isr: members, minInsyncReplicas: minInsyncReplicas, brokers: brokers)
                == !expected.isEmpty)
    }

    @Test("A cluster in one zone, or in none, has no zone to lose")
    func oneZone() {
        #expect(!ZoneRisk.isMeaningful([:]))
        #expect(!ZoneRisk.isMeaningful(self.brokers([nil, nil])))
        #expect(!ZoneRisk.isMeaningful(self.brokers(["a", "a"])))
        #expect(ZoneRisk.isMeaningful(self.brokers(["a", nil])))
        #expect(ZoneRisk.isMeaningful(self.brokers(["a", "b"])))
    }
}
