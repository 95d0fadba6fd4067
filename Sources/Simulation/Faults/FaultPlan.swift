package import ApusCore

/// The faults of one seed: which kinds, how often, how long, and each one with its time. A plan is data: fewer steps make
/// a smaller plan.
package struct FaultPlan: Hashable, Sendable {
    /// In the order of time, but for kinds that were drawn by themselves.
    package var steps: [FaultStep]
    /// How much of each kind there is, relative to the others.
    package var weights: [FaultKind: Int]
    /// The mean time between two faults.
    package var pause: Interval

    package init(steps: [FaultStep] = [], weights: [FaultKind: Int] = [:], pause: Interval = .seconds(1)) {
        self.steps = steps
        self.weights = weights
        self.pause = pause
    }

    /// Draws a plan for a cluster.
    ///
    /// - Parameters:
    ///   - duration: the last fault strikes before that.
    ///   - kinds: those to choose from; the seed leaves out some of them.
    package static func draw(
        _ tree: RandomTree, shape: ClusterShape, duration: Interval, kinds: [FaultKind] = FaultKind.allCases
    ) -> FaultPlan {
        var random = tree.generator
        var plan = FaultPlan()
        for kind in kinds where Int.random(in: 0..<3, using: &random) == 0 {
            plan.weights[kind] = Int.random(in: 1...10, using: &random)
        }
        // From twenty faults a second to one in eight seconds; the gentle end lets clusters live.
        plan.pause = .milliseconds(50 << Int64.random(in: 2...7, using: &random))
        let longest = Int64(200) << Int64.random(in: 0...6, using: &random)
        let choices = plan.weights.sorted { $0.key.rawValue < $1.key.rawValue }
        let total = choices.reduce(0) { $0 + $1.value }
        guard total > 0 else { return plan }
        var time = Interval.zero
        while true {
            time = time + .microseconds(Int64.random(in: 0...(plan.pause.nanoseconds / 500), using: &random))
            guard time < duration else { break }
            var ticket = Int.random(in: 0..<total, using: &random)
            for (kind, weight) in choices {
                ticket -= weight
                guard ticket < 0 else { continue }
                let lasting = Interval.milliseconds(Int64.random(in: 20...longest, using: &random))
                if let fault = Self.fault(kind, shape, &random) {
                    plan.steps.append(FaultStep(time: time, fault: fault, lasting: lasting))
                }
                break
            }
        }
        return plan
    }

    /// Adds bits that turn, behind the other faults: in one seed of four, and from a branch of their own, so that the
    /// other seeds keep their histories.
    package mutating func addRot(_ tree: RandomTree, shape: ClusterShape, duration: Interval) {
        var random = tree.generator
        guard Int.random(in: 0..<4, using: &random) == 0 else { return }
        let pause = Int64(500) << Int64.random(in: 0...4, using: &random)
        var time = Int64.random(in: 0...pause, using: &random)
        while time < duration.milliseconds {
            let node = shape.brokers[Int.random(in: shape.brokers.indices, using: &random)].id
            let lasting = Interval.milliseconds(Int64.random(in: 20...5000, using: &random))
            self.steps.append(FaultStep(time: .milliseconds(time), fault: .rot(node), lasting: lasting))
            time += Int64.random(in: 1...(2 * pause), using: &random)
        }
    }

    /// Adds reads that return what is not on the disk, in the same way.
    package mutating func addFlippedReads(_ tree: RandomTree, shape: ClusterShape, duration: Interval) {
        var random = tree.generator
        guard Int.random(in: 0..<4, using: &random) == 0 else { return }
        let pause = Int64(200) << Int64.random(in: 0...5, using: &random)
        var time = Int64.random(in: 0...pause, using: &random)
        while time < duration.milliseconds {
            let node = shape.nodes[Int.random(in: shape.nodes.indices, using: &random)].id
            let lasting = Interval.milliseconds(Int64.random(in: 20...5000, using: &random))
            let fault = Fault.flipReads(node, interval: 1 << Int.random(in: 0...8, using: &random))
            self.steps.append(FaultStep(time: .milliseconds(time), fault: fault, lasting: lasting))
            time += Int64.random(in: 1...(2 * pause), using: &random)
        }
    }

    private static func fault(_ kind: FaultKind, _ shape: ClusterShape, _ random: inout SeededRandom) -> Fault? {
        let node = shape.nodes[Int.random(in: shape.nodes.indices, using: &random)].id
        let other = shape.nodes[Int.random(in: shape.nodes.indices, using: &random)].id
        let zone = shape.zones[Int.random(in: shape.zones.indices, using: &random)]
        let operations = 1 << Int.random(in: 0...8, using: &random)
        let factor = Int64(2) << Int64.random(in: 0...8, using: &random)
        let number = Int64.random(in: 0...Int64.max, using: &random)
        switch kind {
        case .kill: return .kill(node)
        case .killWithinWrite: return .killWithinWrite(node, operations: operations)
        case .losePower: return .losePower(node)
        case .losePowerWithinWrite: return .losePowerWithinWrite(node, operations: operations)
        case .killAll: return .killAll
        case .losePowerEverywhere: return .losePowerEverywhere
        case .killZone: return .killZone(zone)
        case .pause: return .pause(node)
        case .shutDown: return .shutDown(node)
        case .replaceDisk: return .replaceDisk(node)
        case .reconfigure:
            let (key, values) = Self.changeable[Int(number % Int64(Self.changeable.count))]
            return .reconfigure(node, key: key, value: values[operations % values.count])
        case .cut: return node == other ? nil : .cut(node, other)
        case .cutOneWay: return node == other ? nil : .cutOneWay(node, other)
        case .isolate: return .isolate(node)
        case .deafen: return .deafen(node)
        case .silence: return .silence(node)
        case .cutZone: return shape.zones.count > 1 ? .cutZone(zone) : nil
        case .slowLinks: return .slowLinks(node, .milliseconds(factor))
        case .breakLost: return .breakConnections(node, .lost)
        case .breakLate: return .breakConnections(node, .late)
        case .breakStalled: return .breakConnections(node, .stalled)
        case .slowDisk: return .slowDisk(node, factor: factor * 4)
        case .failReads: return .failReads(node)
        case .failWrites: return .failWrites(node)
        case .failSynchronizing: return .failSynchronizing(node)
        case .fillDisk: return .fillDisk(node, room: number % 20_000)
        case .slowProcessor: return .slowProcessor(node, factor: factor)
        case .jumpClock: return .jumpClock(node, milliseconds: number % 7_200_000 - 3_600_000)
        }
    }

    /// Properties that a node may be given at any start, with values to choose from.
    private static let changeable: [(String, [String])] = [
        ("num.replica.fetchers", ["1", "2", "4"]),
        ("replica.fetch.max.bytes", ["2000", "100000", "1048576"]),
        ("replica.fetch.wait.max.ms", ["50", "500"]),
        ("replica.lag.time.max.ms", ["1000", "5000", "30000"]),
        ("broker.heartbeat.interval.ms", ["200", "500"]),
        ("replica.high.watermark.checkpoint.interval.ms", ["100", "5000"]),
        ("metadata.log.max.record.bytes.between.snapshots", ["2000", "20971520"]),
        ("log.index.interval.bytes", ["100", "4096"]),
    ]
}
