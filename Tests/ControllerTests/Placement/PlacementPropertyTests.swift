import ApusCore
import Controller
import Testing

/// What holds for every placement, over random topologies.
struct PlacementPropertyTests {
    /// A cluster with zones of random sizes, some brokers without a rack and some fenced.
    private struct Topology: CustomStringConvertible {
        var candidates: [ReplicaPlacer.Candidate] = []
        var replicationFactor: Int
        var partitions: Int

        init(random: inout SeededRandom, fencedPercent: Int) {
            let zones = Int.random(in: 1...5, using: &random)
            for zone in 0..<zones {
                // The last zone may be the brokers without a rack.
                let rack: String? = zone == zones - 1 && Bool.random(using: &random) ? nil : "z\(zone)"
                for _ in 0..<Int.random(in: 1...6, using: &random) {
                    let isFenced = Int.random(in: 0..<100, using: &random) < fencedPercent
                    let id = NodeID(Int32(self.candidates.count))
                    self.candidates.append(.init(id: id, rack: rack, isFenced: isFenced))
                }
            }
            if self.candidates.allSatisfy(\.isFenced) { self.candidates[0].isFenced = false }
            self.replicationFactor = Int.random(in: 1...min(6, self.candidates.count), using: &random)
            self.partitions = Int.random(in: 1...60, using: &random)
        }

        init(fixed: (), replicationFactor: Int, partitions: Int) {
            self.replicationFactor = replicationFactor
            self.partitions = partitions
        }

        func zone(_ broker: NodeID) -> String {
            self.candidates[Int(broker.rawValue)].rack ?? ""
        }

        var zones: [String: [ReplicaPlacer.Candidate]] {
            Dictionary(grouping: self.candidates) { $0.rack ?? "" }
        }

        func place(_ random: inout SeededRandom) throws -> [[NodeID]] {
            var placer = ReplicaPlacer(candidates: self.candidates, random: SeededRandom(seed: random.next()))
            return try placer.place(partitions: self.partitions, replicationFactor: self.replicationFactor)
        }

        var description: String {
            let brokers = self.candidates.map { "\($0.id)@\($0.rack ?? "-")\($0.isFenced ? "!" : "")" }
            return "\(brokers.joined(separator: " ")), \(self.partitions) partitions of \(self.replicationFactor)"
        }
    }

    private func counts<Key: Hashable>(_ keys: some Sequence<Key>) -> [Key: Int] {
        Dictionary(keys.map { ($0, 1) }, uniquingKeysWith: +)
    }

    private func spread(_ numbers: [Int]) -> Int { (numbers.max() ?? 0) - (numbers.min() ?? 0) }

    @Test("No zone holds two replicas of a partition while another has none, or a broker to spare and two fewer")
    func zonesOfOnePartition() throws {
        for seed in 0..<400 as Range<UInt64> {
            var random = SeededRandom(seed: seed)
            let topology = Topology(random: &random, fencedPercent: 20)
            for replicas in try topology.place(&random) {
                let context: Comment = "seed \(seed): \(topology): \(replicas)"
                #expect(Set(replicas).count == topology.replicationFactor, context)
                #expect(!topology.candidates[Int(replicas[0].rawValue)].isFenced, context)
                let held = self.counts(replicas.map { topology.zone($0) })
                for (zone, brokers) in topology.zones {
                    let here = held[zone] ?? 0
                    guard here < brokers.count else { continue }
                    // The zone has a broker to spare, so no other holds two more.
                    #expect(held.values.allSatisfy { $0 <= here + 1 }, context)
                }
            }
        }
    }

    @Test("Leaders per zone differ by one at most, and by one at most over the brokers of a zone")
    func leaders() throws {
        for seed in 0..<400 as Range<UInt64> {
            var random = SeededRandom(seed: seed)
            let topology = Topology(random: &random, fencedPercent: 20)
            let placements = try topology.place(&random)
            let context: Comment = "seed \(seed): \(topology)"
            let leaders = self.counts(placements.map { $0[0] })
            var perZone: [Int] = []
            for brokers in topology.zones.values {
                let living = brokers.filter { !$0.isFenced }
                guard !living.isEmpty else { continue }
                let numbers = living.map { leaders[$0.id] ?? 0 }
                #expect(self.spread(numbers) <= 1, context)
                perZone.append(numbers.reduce(0, +))
            }
            #expect(self.spread(perZone) <= 1, context)
        }
    }

    @Test("Replicas per zone differ by two at most, where every zone is large enough")
    func replicasOfZones() throws {
        for seed in 0..<400 as Range<UInt64> {
            var random = SeededRandom(seed: seed)
            let topology = Topology(random: &random, fencedPercent: 0)
            let zones = topology.zones
            let most = (topology.replicationFactor + zones.count - 1) / zones.count
            guard zones.values.allSatisfy({ $0.count >= most }) else { continue }
            let placements = try topology.place(&random)
            let held = self.counts(placements.flatMap { $0 }.map { topology.zone($0) })
            #expect(self.spread(zones.keys.map { held[$0] ?? 0 }) <= 2, "seed \(seed): \(topology): \(held)")
        }
    }

    @Test("Replicas per broker of one zone differ by two at most")
    func replicasOfBrokers() throws {
        for seed in 0..<400 as Range<UInt64> {
            var random = SeededRandom(seed: seed)
            let topology = Topology(random: &random, fencedPercent: 0)
            let held = self.counts(try topology.place(&random).flatMap { $0 })
            for brokers in topology.zones.values {
                let numbers = brokers.map { held[$0.id] ?? 0 }
                #expect(self.spread(numbers) <= 2, "seed \(seed): \(topology): \(numbers)")
            }
        }
    }

    @Test("Zones of one, two and four brokers: each has one replica of every partition and a third of the leaders")
    func oneTwoFour() throws {
        var topology = Topology(fixed: (), replicationFactor: 3, partitions: 84)
        for (index, rack) in ["a", "b", "b", "c", "c", "c", "c"].enumerated() {
            topology.candidates.append(.init(id: NodeID(Int32(index)), rack: rack, isFenced: false))
        }
        var random = SeededRandom(seed: 1)
        let placements = try topology.place(&random)
        for replicas in placements { #expect(Set(replicas.map { topology.zone($0) }) == ["a", "b", "c"]) }
        let leaders = self.counts(placements.map { $0[0] })
        #expect((0..<7).map { leaders[NodeID($0)] ?? 0 } == [28, 14, 14, 7, 7, 7, 7])
        let held = self.counts(placements.flatMap { $0 })
        for (broker, even) in [84, 42, 42, 21, 21, 21, 21].enumerated() {
            #expect(abs((held[NodeID(Int32(broker))] ?? 0) - even) <= 1)
        }
    }

    @Test("A topic that grows partition by partition is as even as one that is placed at once")
    func growth() throws {
        for seed in 0..<50 as Range<UInt64> {
            var random = SeededRandom(seed: seed)
            let topology = Topology(random: &random, fencedPercent: 0)
            var present: [[NodeID]] = []
            for _ in 0..<topology.partitions {
                var placer = ReplicaPlacer(candidates: topology.candidates, random: SeededRandom(seed: random.next()))
                for replicas in present { placer.count(present: replicas) }
                present += try placer.place(partitions: 1, replicationFactor: topology.replicationFactor)
            }
            let leaders = self.counts(present.map { topology.zone($0[0]) })
            #expect(self.spread(topology.zones.keys.map { leaders[$0] ?? 0 }) <= 1, "seed \(seed): \(topology)")
        }
    }
}
