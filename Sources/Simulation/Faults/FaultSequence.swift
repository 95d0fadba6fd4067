package import ApusCore

/// Faults that are dangerous in an order: what single ones, each at a time of its own, would meet once in many thousand
/// seeds. Whom they strike is found when the sequence begins.
package struct FaultSequence: Hashable, Sendable {
    package enum Kind: String, CaseIterable, Hashable, Sendable {
        /// A follower that has caught up again, and been proposed for the ISR, loses its power, and is back before the
        /// proposal reaches the controller (KIP-903).
        case relapse
        /// The proposal that lets a follower back into the ISR is sent twice, and the first one arrives when the follower
        /// is behind again.
        case echo
    }

    /// The leader of a partition, one of its followers, and the active controller: three nodes.
    package struct Cast: Hashable, Sendable {
        package var leader: NodeID
        package var follower: NodeID
        package var controller: NodeID

        package init(leader: NodeID, follower: NodeID, controller: NodeID) {
            self.leader = leader
            self.follower = follower
            self.controller = controller
        }
    }

    package var kind: Kind
    /// Draws how long its parts take.
    package var seed: UInt64

    package init(kind: Kind, seed: UInt64) {
        self.kind = kind
        self.seed = seed
    }

    /// The faults, with their times from the beginning of the sequence.
    package func steps(_ cast: Cast) -> [FaultStep] {
        var random = SeededRandom(seed: self.seed)
        return switch self.kind {
        case .relapse: Self.relapse(cast, &random)
        case .echo: Self.echo(cast, &random)
        }
    }

    private static func relapse(_ cast: Cast, _ random: inout SeededRandom) -> [FaultStep] {
        // The leader has to know that the follower is back before the controller does not hear the leader any more.
        let met = Int64.random(in: 200...600, using: &random)
        let unheard = met - Int64.random(in: 1...30, using: &random)
        // Who could not be heard tries again for as long as that lasted.
        let relapse = met + Int64.random(in: 50...900, using: &random)
        let arrival = relapse + Int64.random(in: 50...600, using: &random)
        let apart = arrival - relapse + Int64.random(in: 500...2500, using: &random)
        return [
            self.step(.kill(cast.follower), at: 0, lasting: Int64.random(in: 20...60, using: &random)),
            self.step(.cut(cast.leader, cast.follower), at: 0, lasting: met),
            self.step(.cutOneWay(cast.leader, cast.controller), at: unheard, lasting: arrival - unheard),
            self.step(.reboot(cast.follower), at: relapse, lasting: Int64.random(in: 5...40, using: &random)),
            self.step(.cut(cast.leader, cast.follower), at: relapse, lasting: apart),
        ]
    }

    private static func echo(_ cast: Cast, _ random: inout SeededRandom) -> [FaultStep] {
        let met = Int64.random(in: 200...600, using: &random)
        let unheard = met - Int64.random(in: 1...30, using: &random)
        let reset = met + Int64.random(in: 50...900, using: &random)
        let behind = reset + Int64.random(in: 50...500, using: &random)
        let echo = reset + (Int64(1000) << Int64.random(in: 0...4, using: &random))
        return [
            self.step(.kill(cast.follower), at: 0, lasting: Int64.random(in: 20...60, using: &random)),
            self.step(.cut(cast.leader, cast.follower), at: 0, lasting: met),
            self.step(.cutOneWay(cast.leader, cast.controller), at: unheard, lasting: reset - unheard + 10),
            self.step(.breakConnections(cast.leader, .late), at: reset, lasting: echo - reset),
            self.step(.cut(cast.leader, cast.follower), at: behind, lasting: echo - behind + 500),
        ]
    }

    /// Times in milliseconds.
    private static func step(_ fault: Fault, at time: Int64, lasting: Int64) -> FaultStep {
        FaultStep(time: .milliseconds(time), fault: fault, lasting: .milliseconds(max(1, lasting)))
    }
}

extension FaultPlan {
    /// Adds what strikes at a moment that matters, one after the other and all of one kind: in one seed of four, beside the
    /// other faults or in their place. Drawn from a branch of its own, so that the other seeds keep their histories.
    package mutating func addSequences(_ tree: RandomTree, shape: ClusterShape, duration: Interval) {
        var random = tree.generator
        guard Int.random(in: 0..<4, using: &random) == 0 else { return }
        if Int.random(in: 0..<3, using: &random) > 0 { self.steps.removeAll() }
        let mayBlackOut = shape.flushesEachRecord || shape.controllers.contains { !$0.isBroker }
        let blackout = mayBlackOut && Bool.random(using: &random)
        let kind = FaultSequence.Kind.allCases[Int.random(in: FaultSequence.Kind.allCases.indices, using: &random)]
        let pause = Int64(100) << Int64.random(in: 0...5, using: &random)
        var time: Int64 = 0
        while time < duration.milliseconds {
            time += Int64.random(in: 1...(2 * pause), using: &random)
            let lasting = Int64.random(in: 20...500, using: &random)
            var fault: Fault
            var length = lasting
            if blackout {
                let node = shape.nodes[Int.random(in: shape.nodes.indices, using: &random)].id
                fault = .losePowerEverywhereWithinWrite(node, operations: 1 << Int.random(in: 0...6, using: &random))
            } else {
                let sequence = FaultSequence(kind: kind, seed: UInt64.random(in: 0...UInt64.max, using: &random))
                fault = .sequence(sequence)
                let parts = sequence.steps(FaultSequence.Cast(leader: 1, follower: 2, controller: 3))
                length = parts.map { ($0.time + $0.lasting).milliseconds }.max() ?? 0
            }
            self.steps.append(
                FaultStep(time: .milliseconds(time), fault: fault, lasting: .milliseconds(lasting)))
            time += length
        }
    }
}
