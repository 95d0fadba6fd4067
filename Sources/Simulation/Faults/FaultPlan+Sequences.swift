package import ApusCore

/// Faults that are dangerous in an order: what single ones, each at a time of its own, would meet once in many thousand
/// seeds.
extension FaultPlan {
    /// Adds some of one kind of sequence, behind the other faults: in one seed of three, and from a branch of their own,
    /// so that the other seeds keep their histories.
    package mutating func addSequences(_ tree: RandomTree, shape: ClusterShape, duration: Interval) {
        var random = tree.generator
        guard Int.random(in: 0..<3, using: &random) == 0 else { return }
        let kind = Int.random(in: 0..<3, using: &random)
        let pause = Int64(500) << Int64.random(in: 0...3, using: &random)
        var time = Int64.random(in: 0...pause, using: &random)
        while time < duration.milliseconds {
            switch kind {
            case 0: self.addRelapse(at: time, shape, &random)
            case 1: self.addEcho(at: time, shape, &random)
            default: self.addBlackout(at: time, shape, &random)
            }
            time += Int64.random(in: 1...(2 * pause), using: &random)
        }
    }

    /// A follower that has just come back, and been proposed for the ISR, loses its power once more, and is back before
    /// the proposal reaches the controller (KIP-903).
    private mutating func addRelapse(at time: Int64, _ shape: ClusterShape, _ random: inout SeededRandom) {
        guard let trio = Trio(shape, &random) else { return }
        let relapse = time + Int64.random(in: 50...1500, using: &random)
        let arrival = relapse + Int64.random(in: 50...1000, using: &random)
        let down = { (random: inout SeededRandom) in Int64.random(in: 20...60, using: &random) }
        self.add(.losePower(trio.follower), at: time, lasting: down(&random))
        for controller in trio.controllers {
            self.add(.cutOneWay(trio.leader, controller), at: time, lasting: arrival - time)
        }
        self.add(.losePower(trio.follower), at: relapse, lasting: down(&random))
        let apart = arrival - relapse + Int64.random(in: 50...1000, using: &random)
        self.add(.cut(trio.leader, trio.follower), at: relapse, lasting: apart)
    }

    /// The proposal that lets a follower back into the ISR is sent twice, and the first one arrives when the follower is
    /// behind again.
    private mutating func addEcho(at time: Int64, _ shape: ClusterShape, _ random: inout SeededRandom) {
        guard let trio = Trio(shape, &random) else { return }
        let mended = time + Int64.random(in: 100...1500, using: &random)
        let reset = mended - Int64.random(in: 1...50, using: &random)
        let echo = reset + (Int64(1000) << Int64.random(in: 0...4, using: &random))
        self.add(.kill(trio.follower), at: time, lasting: Int64.random(in: 20...60, using: &random))
        for controller in trio.controllers {
            self.add(.cutOneWay(trio.leader, controller), at: time, lasting: mended - time)
        }
        self.add(.breakConnections(trio.leader, .late), at: reset, lasting: echo - reset)
        let behind = mended + Int64.random(in: 50...500, using: &random)
        self.add(.cut(trio.leader, trio.follower), at: behind, lasting: echo - behind + 500)
    }

    /// Every machine loses its power while one of them writes.
    private mutating func addBlackout(at time: Int64, _ shape: ClusterShape, _ random: inout SeededRandom) {
        let node = shape.nodes[Int.random(in: shape.nodes.indices, using: &random)].id
        let operations = 1 << Int.random(in: 0...6, using: &random)
        self.add(
            .losePowerEverywhereWithinWrite(node, operations: operations), at: time,
            lasting: Int64.random(in: 20...500, using: &random))
    }

    /// Times in milliseconds.
    private mutating func add(_ fault: Fault, at time: Int64, lasting: Int64) {
        self.steps.append(
            FaultStep(time: .milliseconds(time), fault: fault, lasting: .milliseconds(max(1, lasting))))
    }

    /// Two brokers, and the controllers that are neither.
    private struct Trio {
        let leader: NodeID
        let follower: NodeID
        let controllers: [NodeID]

        init?(_ shape: ClusterShape, _ random: inout SeededRandom) {
            let brokers = shape.brokers.map(\.id).shuffled(using: &random)
            guard brokers.count > 1 else { return nil }
            let controllers = shape.controllers.map(\.id).filter { !brokers.prefix(2).contains($0) }
            guard !controllers.isEmpty else { return nil }
            self.leader = brokers[0]
            self.follower = brokers[1]
            self.controllers = controllers
        }
    }
}
