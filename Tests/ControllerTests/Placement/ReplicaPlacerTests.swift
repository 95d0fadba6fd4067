import ApusCore
import Controller
import Testing

struct ReplicaPlacerTests {
    private func candidates(_ racks: [String?], fenced: Set<Int> = []) -> [ReplicaPlacer.Candidate] {
        racks.enumerated().map { index, rack in
            .init(id: NodeID(Int32(index)), rack: rack, isFenced: fenced.contains(index))
        }
    }

    private func counts<Key: Hashable>(_ keys: [Key]) -> [Key: Int] {
        Dictionary(keys.map { ($0, 1) }, uniquingKeysWith: +)
    }

    @Test("Replicas of a partition are in different racks, and leaders are even over racks of uneven size")
    func unevenRacks() throws {
        let racks = ["a", "b", "b", "c", "c", "c"]
        var placer = ReplicaPlacer(candidates: self.candidates(racks), random: SeededRandom(seed: 1))
        let placements = try placer.place(partitions: 60, replicationFactor: 3)
        for replicas in placements {
            #expect(Set(replicas.map { racks[Int($0.rawValue)] }) == ["a", "b", "c"])
        }
        #expect(self.counts(placements.map { racks[Int($0[0].rawValue)] }) == ["a": 20, "b": 20, "c": 20])
        #expect(self.counts(placements.map { $0[0] }).values.sorted() == [6, 7, 7, 10, 10, 20])
        let perRack = self.counts(placements.flatMap { $0 }.map { racks[Int($0.rawValue)] })
        #expect(perRack == ["a": 60, "b": 60, "c": 60])
    }

    @Test("Without racks replicas and leaders are even over brokers, and the pairs of brokers vary")
    func noRacks() throws {
        var placer = ReplicaPlacer(
            candidates: self.candidates(Array(repeating: nil, count: 4)), random: SeededRandom(seed: 2))
        let placements = try placer.place(partitions: 40, replicationFactor: 2)
        #expect(self.counts(placements.map { $0[0] }).values.sorted() == [10, 10, 10, 10])
        #expect(self.counts(placements.flatMap { $0 }).values.allSatisfy { (19...21).contains($0) })
        #expect(Set(placements).count == 12)
    }

    @Test("More replicas than racks use every rack as evenly as possible")
    func moreReplicasThanRacks() throws {
        let racks = ["a", "a", "b", "b"]
        var placer = ReplicaPlacer(candidates: self.candidates(racks), random: SeededRandom(seed: 3))
        for replicas in try placer.place(partitions: 20, replicationFactor: 3) {
            #expect(Set(replicas).count == 3)
            #expect(self.counts(replicas.map { racks[Int($0.rawValue)] }).values.sorted() == [1, 2])
        }
    }

    @Test("A fenced broker never leads, and follows only where its rack has no other left")
    func fencedBrokers() throws {
        var placer = ReplicaPlacer(
            candidates: self.candidates(["a", "a", "b"], fenced: [1, 2]), random: SeededRandom(seed: 4))
        #expect(try placer.place(partitions: 2, replicationFactor: 2) == [[0, 2], [0, 2]])
        let all = try placer.place(partitions: 1, replicationFactor: 3)
        #expect(all[0][0] == 0)
        #expect(Set(all[0]) == [0, 1, 2])
    }

    @Test("What cannot be placed is refused in Kafka's words")
    func refusals() {
        func failure(_ factor: Int, _ candidates: [ReplicaPlacer.Candidate]) -> String? {
            var placer = ReplicaPlacer(candidates: candidates, random: SeededRandom(seed: 5))
            do throws(ReplicaPlacer.Failure) {
                _ = try placer.place(partitions: 1, replicationFactor: factor)
                return nil
            } catch {
                return error.message
            }
        }
        let two = self.candidates([nil, nil])
        #expect(failure(2, two) == nil)
        #expect(failure(0, two) == "Invalid replication factor 0: the replication factor must be positive.")
        #expect(
            failure(3, two)
                == "The target replication factor of 3 cannot be reached because only 2 broker(s) are registered or "
                + "some brokers have all their log directories cordoned.")
        #expect(
            failure(1, self.candidates([nil], fenced: [0]))
                == "All brokers are currently fenced, or have all their log directories cordoned.")
    }
}
