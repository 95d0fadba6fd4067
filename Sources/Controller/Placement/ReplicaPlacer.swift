package import ApusCore

/// Chooses the brokers of new partitions: replicas and leaders are spread over racks, fenced brokers come last.
///
/// Each partition takes its leader from the rack that was given the fewest leaders and still has an unfenced broker
/// (where the topic names zones to lead, from the best of them that has one), and each follower from the rack that holds the fewest replicas of this partition, then the fewest replicas placed
/// so far. Within a rack the broker with the least wins, an unfenced one before a fenced one. Ties are drawn, so that
/// the same sets of brokers do not repeat and the partitions of a failed rack scatter over all others.
///
/// Racks are therefore even where they are of different size: losing any of them loses as few replicas and leaders
/// as losing another. Brokers without a rack form one rack together, as in Kafka.
///
/// What holds, with Kafka's `StripedReplicaPlacer` beside it:
/// - No rack holds two replicas of a partition while another has none and a broker to spare (Kafka's too), and their
///   numbers differ by two only where the smaller rack has no broker left (Kafka's go around the racks, the same).
/// - Leaders per rack differ by one at most; Kafka's do where every rack has an unfenced broker, while the partitions of
///   a rack without one all fall to the rack after it.
/// - Leaders per broker of one rack differ by one at most; Kafka's may differ more, since a rack hands out its brokers to
///   leaders and followers in one circle.
/// - Replicas per rack differ by two at most where every rack is large enough, and so do those per broker of a rack.
/// - What a topic has already counts when it is given more partitions; Kafka begins anew.
package struct ReplicaPlacer {
    /// The zones that should lead, the best first; empty where all are equal.
    package var leaderZones: [String] = []
    private var racks: [Rack] = []
    private var random: SeededRandom
    private let brokerCount: Int
    private let unfencedCount: Int

    /// A broker that may be given replicas.
    package struct Candidate: Hashable, Sendable {
        package var id: NodeID
        package var rack: String?
        package var isFenced: Bool

        package init(id: NodeID, rack: String?, isFenced: Bool) {
            self.id = id
            self.rack = rack
            self.isFenced = isFenced
        }
    }

    /// Why no placement exists; `message` is what Kafka tells its clients.
    package struct Failure: Error, Equatable {
        package let message: String
    }

    package init(candidates: [Candidate], random: SeededRandom) {
        self.random = random
        self.brokerCount = candidates.count
        self.unfencedCount = candidates.count { !$0.isFenced }
        for candidate in candidates.sorted(by: { $0.id < $1.id }) {
            let slot = Slot(id: candidate.id, isFenced: candidate.isFenced)
            if let index = self.racks.firstIndex(where: { $0.name == candidate.rack }) {
                self.racks[index].slots.append(slot)
            } else {
                self.racks.append(Rack(name: candidate.rack, slots: [slot]))
            }
        }
    }

    /// Counts a partition that exists: its replicas, the preferred leader first.
    package mutating func count(present replicas: [NodeID]) {
        for (position, id) in replicas.enumerated() {
            for rack in self.racks.indices {
                guard let slot = self.racks[rack].slots.firstIndex(where: { $0.id == id }) else { continue }
                self.racks[rack].replicas += 1
                self.racks[rack].slots[slot].replicas += 1
                guard position == 0 else { continue }
                self.racks[rack].leaders += 1
                self.racks[rack].slots[slot].leaders += 1
            }
        }
    }

    /// Places `count` partitions.
    ///
    /// - Returns: the replicas of each partition, the preferred leader first.
    /// - Throws: `Failure` where the replication factor cannot be reached.
    package mutating func place(partitions count: Int, replicationFactor: Int) throws(Failure) -> [[NodeID]] {
        guard replicationFactor > 0 else {
            throw Failure(
                message: "Invalid replication factor \(replicationFactor): the replication factor must be positive.")
        }
        guard replicationFactor <= self.brokerCount else {
            throw Failure(
                message: "The target replication factor of \(replicationFactor) cannot be reached because only "
                    + "\(self.brokerCount) broker(s) are registered or some brokers have all their log directories "
                    + "cordoned.")
        }
        guard self.unfencedCount > 0 else {
            throw Failure(
                message: "All brokers are currently fenced, or have all their log directories cordoned.")
        }
        var placements: [[NodeID]] = []
        placements.reserveCapacity(count)
        for _ in 0..<count { placements.append(self.placeOne(replicationFactor)) }
        return placements
    }

    private mutating func placeOne(_ replicationFactor: Int) -> [NodeID] {
        for rack in self.racks.indices { self.racks[rack].beginPartition() }
        var unfenced = [self.takeLeader()]
        var fenced: [NodeID] = []
        while unfenced.count + fenced.count < replicationFactor {
            let slot = self.takeFollower()
            if slot.isFenced { fenced.append(slot.id) } else { unfenced.append(slot.id) }
        }
        return unfenced + fenced
    }

    private mutating func takeLeader() -> NodeID {
        let living = self.racks.indices.filter { self.racks[$0].slots.contains { !$0.isFenced } }
        let best = living.map { self.preferenceRank(of: self.racks[$0]) }.min()
        let racks =
            living
            .filter { self.preferenceRank(of: self.racks[$0]) == best }
            .map { Choice(index: $0, first: self.racks[$0].leaders, second: self.racks[$0].replicas) }
        let rack = self.draw(racks)
        let slots = self.racks[rack].slots
        let choices = slots.indices
            .filter { !slots[$0].isFenced }
            .map { Choice(index: $0, first: slots[$0].leaders, second: slots[$0].replicas) }
        let slot = self.draw(choices)
        self.racks[rack].leaders += 1
        self.racks[rack].slots[slot].leaders += 1
        self.racks[rack].take(slot)
        return slots[slot].id
    }

    private func preferenceRank(of rack: Rack) -> Int {
        rack.name.flatMap { self.leaderZones.firstIndex(of: $0) } ?? self.leaderZones.count
    }

    private mutating func takeFollower() -> Slot {
        let racks = self.racks.indices
            .filter { self.racks[$0].slots.contains { !$0.isTaken } }
            .map { Choice(index: $0, first: self.racks[$0].taken, second: self.racks[$0].replicas) }
        let rack = self.draw(racks)
        let slots = self.racks[rack].slots
        let choices = slots.indices
            .filter { !slots[$0].isTaken }
            .map { Choice(index: $0, first: slots[$0].isFenced ? 1 : 0, second: slots[$0].replicas) }
        let slot = self.draw(choices)
        self.racks[rack].take(slot)
        return slots[slot]
    }

    /// The index of the choice that costs least, drawn among equals.
    private mutating func draw(_ choices: [Choice]) -> Int {
        var best: [Choice] = []
        for choice in choices {
            if let leading = best.first, (leading.first, leading.second) < (choice.first, choice.second) { continue }
            if let leading = best.first, (leading.first, leading.second) > (choice.first, choice.second) { best = [] }
            best.append(choice)
        }
        precondition(!best.isEmpty, "a placement was begun without enough brokers")
        return best.count == 1 ? best[0].index : best[Int.random(in: 0..<best.count, using: &self.random)].index
    }

    /// A rack or a slot with what it costs: the first number counts before the second.
    private struct Choice {
        var index: Int
        var first: Int
        var second: Int
    }

    /// A rack and what it was given so far.
    private struct Rack {
        var name: String?
        var slots: [Slot]
        var leaders = 0
        var replicas = 0
        /// Replicas of the partition being placed.
        var taken = 0

        mutating func beginPartition() {
            self.taken = 0
            for index in self.slots.indices { self.slots[index].isTaken = false }
        }

        mutating func take(_ slot: Int) {
            self.replicas += 1
            self.taken += 1
            self.slots[slot].replicas += 1
            self.slots[slot].isTaken = true
        }
    }

    private struct Slot {
        var id: NodeID
        var isFenced: Bool
        var leaders = 0
        var replicas = 0
        var isTaken = false
    }
}
