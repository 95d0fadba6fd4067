import ApusCore
import ClusterMetadata
import Simulation
import Testing

struct LeadingZonesTests {
    private static let zones: [NodeID: String] = [1: "a", 2: "b", 3: "c"]

    private func better(
        than leader: NodeID, isr: [NodeID] = [1, 2, 3], wanted: [String] = [], drained: [String] = [],
        running: Set<NodeID> = [1, 2, 3]
    ) -> NodeID? {
        LeadingZones(of: Self.zones, drained: drained).better(
            PartitionState(
                replicas: [1, 2, 3], directories: [], isr: isr, leader: leader, leaderEpoch: 1, partitionEpoch: 1),
            wanted: wanted, among: running)
    }

    @Test func `where nothing is configured any leader is right`() {
        for leader in [1, 2, 3] as [NodeID] { #expect(self.better(than: leader) == nil) }
    }

    @Test func `a leader is wrong while a replica in sync is in a zone that is wanted more`() {
        #expect(self.better(than: 1, wanted: ["c", "b"]) == 2)
        #expect(self.better(than: 2, wanted: ["c", "b"]) == 3)
        #expect(self.better(than: 3, wanted: ["c", "b"]) == nil)
        #expect(self.better(than: 2, isr: [1, 2], wanted: ["c", "b"]) == nil)
        #expect(self.better(than: 2, wanted: ["c", "b"], running: [1, 2]) == nil)
    }

    @Test func `a leader in a drained zone is wrong while a replica in sync is in another`() {
        #expect(self.better(than: 1, drained: ["a"]) == 2)
        #expect(self.better(than: 1, drained: ["a", "b"]) == 3)
        #expect(self.better(than: 1, wanted: ["a"], drained: ["a"]) == 2)
        #expect(self.better(than: 1, drained: ["a", "b", "c"]) == nil)
        #expect(self.better(than: 1, isr: [1], drained: ["a"]) == nil)
        #expect(self.better(than: 3, wanted: ["a"], drained: ["a"]) == nil)
    }
}
