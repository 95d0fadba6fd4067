import ApusCore
import Foundation
import Replication
import Testing

/// Whole clusters of the production machines under faults: see `ClusterSimulation`.
@Suite struct ClusterSimulationTests {
    static let batches: UInt64 = 6
    /// 240 seeds in all; `APUS_SIMULATION_SEEDS` asks for more.
    static let seedsPerBatch: UInt64 =
        (ProcessInfo.processInfo.environment["APUS_SIMULATION_SEEDS"].flatMap(UInt64.init) ?? 240) / batches

    @Test(arguments: 0..<batches)
    func nothingAcknowledgedIsLostAndHealedClustersConverge(batch: UInt64) {
        for seed in batch * Self.seedsPerBatch..<(batch + 1) * Self.seedsPerBatch {
            let problem = Self.problem(ofSeed: seed)
            #expect(problem == nil, "seed \(seed): \(problem ?? "")")
        }
    }

    /// Runs one history; what went wrong, or `nil`.
    static func problem(ofSeed seed: UInt64) -> String? {
        var simulation = ClusterSimulation(seed: seed)
        simulation.run(until: Instant(nanoseconds: 0) + .milliseconds(800))
        if let violation = simulation.history.violation { return "\(violation) at \(simulation.now)" }
        simulation.heal()
        let acknowledged = simulation.history.acknowledgedCount
        simulation.run(until: Instant(nanoseconds: 0) + .milliseconds(1300))
        if let violation = simulation.history.violation { return "\(violation) at \(simulation.now)" }
        if simulation.history.acknowledgedCount < acknowledged + 10 { return "the healed cluster acknowledges nothing" }
        return Self.divergence(of: &simulation)
    }

    /// Stops the clients of a healed cluster and compares its replicas.
    private static func divergence(of simulation: inout ClusterSimulation) -> String? {
        simulation.isProducing = false
        simulation.run(until: Instant(nanoseconds: 0) + .milliseconds(1500))
        if let violation = simulation.history.violation { return violation }
        if simulation.history.waitingCount > 0 { return "\(simulation.history.waitingCount) appends have no answer" }
        for partition in 0..<simulation.partitionCount {
            let state = simulation.controller.partitions[partition]
            if state.isr.count < state.replicas.count { return "partition \(partition) has ISR \(state.isr)" }
            guard let leader = simulation.nodes[Int(state.leader.rawValue)].logs[partition] else { return "no leader" }
            for id in state.replicas {
                let node = simulation.nodes[Int(id.rawValue)]
                guard let log = node.logs[partition], let replica = node.replicas[partition] else { return "no log" }
                // A replica may have heard of deletions that a leader elected later had not.
                let start = max(log.startOffset, leader.startOffset)
                if log.endOffset != leader.endOffset
                    || log.read(from: start, upTo: log.endOffset, max: .max)
                        != leader.read(from: start, upTo: log.endOffset, max: .max)
                    || replica.highWatermark != leader.endOffset || replica.log != log.bounds
                {
                    return "replica \(id) of partition \(partition) has \(log.bounds), high watermark "
                        + "\(replica.highWatermark); the leader has \(leader.bounds)"
                }
            }
        }
        return nil
    }
}
