import ApusCore
import EventLoop
import Foundation
import Raft
import Testing

@Suite("The quorum under faults")
struct QuorumSimulationTests {
    /// `APUS_RAFT_SEEDS` sets how many histories are tried, `APUS_RAFT_SEED` the first of them;
    /// `APUS_RAFT_TRACE=1` prints every effect.
    /// `APUS_RAFT_SEED=17 APUS_RAFT_SEEDS=1 swift test --filter QuorumSimulationTests/faults` replays one.
    static let seeds: Range<UInt64> = {
        let environment = ProcessInfo.processInfo.environment
        let first = environment["APUS_RAFT_SEED"].flatMap { UInt64($0) } ?? 1
        let count = environment["APUS_RAFT_SEEDS"].flatMap { UInt64($0) } ?? 200
        return first..<(first + count)
    }()

    @Test("no seed breaks an invariant, and after the faults the quorum goes on")
    func faults() {
        var elections = 0
        var records = 0
        var counts: [String: Int] = [:]
        for seed in Self.seeds {
            do {
                let simulation = try Self.history(seed: seed)
                elections += simulation.leaderElections
                records += simulation.committed.count
                counts.merge(simulation.counts, uniquingKeysWith: +)
            } catch {
                Issue.record("APUS_RAFT_SEED=\(seed): \(error)")
                return
            }
        }
        // Faults that keep anything from happening would prove nothing.
        #expect(elections > 2 * Self.seeds.count)
        #expect(records > 20 * Self.seeds.count)
        #expect(counts["truncate", default: 0] > Self.seeds.count / 4)
        #expect(counts["installSnapshot", default: 0] > Self.seeds.count / 4)
    }

    static func history(seed: UInt64, isRecorded: Bool = false) throws -> QuorumSimulation {
        var draw = SeededRandom(seed: seed)
        let voters = [3, 3, 3, 5, 5, 2, 1][Int.random(in: 0..<7, using: &draw)]
        let observers = Int.random(in: 0...2, using: &draw)
        var simulation = QuorumSimulation(
            seed: seed, voters: voters, observers: observers, timeouts: .milliseconds(200))
        simulation.digest.isOn = isRecorded
        simulation.isTraced = ProcessInfo.processInfo.environment["APUS_RAFT_TRACE"] != nil
        simulation.weather = NetworkWeather.foul(&draw)
        simulation.crashPermille = Int.random(in: 0...4, using: &draw)
        simulation.startAll(spread: .milliseconds(50))
        simulation.events.insert(.clientAppends, at: simulation.now)
        simulation.events.insert(.snapshotTaken, at: simulation.now)
        simulation.events.insert(.fault, at: simulation.now)
        try simulation.run(until: .distantFuture, eventsMax: 1500)
        simulation.heal()
        // Long enough for requests sent before to run out of time and for a few elections.
        let bound = simulation.now + .seconds(4)
        try simulation.run(until: simulation.now + .milliseconds(50))
        let committed = simulation.committed.count
        guard try simulation.run(until: bound, or: { $0.committed.count > committed && $0.hasConverged }) else {
            let state = simulation.replicas.map { "\($0.id): \(String(describing: $0.node))" }
            throw QuorumSimulation.Violation(
                description: "no progress within 4 s after the faults\n\(state.joined(separator: "\n"))")
        }
        return simulation
    }

    @Test("equal seeds give equal histories")
    func determinism() throws {
        for seed in 1...5 as ClosedRange<UInt64> {
            let first = try Self.history(seed: seed, isRecorded: true)
            let second = try Self.history(seed: seed, isRecorded: true)
            #expect(first.digest.value == second.digest.value)
        }
    }

    @Test("three new replicas have an established leader within 200 ms")
    func boot() throws {
        for seed in 1...100 as ClosedRange<UInt64> {
            var simulation = QuorumSimulation(seed: seed, voters: 3)
            simulation.startAll(spread: .milliseconds(20))
            let isLed = try simulation.run(until: Instant(nanoseconds: 200_000_000)) { $0.hasConverged }
            #expect(isLed, "seed \(seed)")
        }
    }

    @Test("a killed leader has an established successor within 250 ms, in most cases within 150 ms")
    func failover() throws {
        var quick = 0
        for seed in 1...100 as ClosedRange<UInt64> {
            var simulation = QuorumSimulation(seed: seed, voters: 3, observers: 1)
            simulation.startAll()
            try simulation.run(until: Instant(nanoseconds: 2_000_000_000))
            let leader = try #require(simulation.replicas.firstIndex { $0.node?.isLeader == true })
            simulation.crash(leader, losesPower: false)
            let killed = simulation.now
            let before = simulation.committed.count
            let isLed = try simulation.run(until: killed + .milliseconds(250)) { $0.committed.count > before }
            #expect(isLed, "seed \(seed)")
            if simulation.now - killed <= .milliseconds(150) { quick += 1 }
        }
        #expect(quick >= 90)
    }

    @Test("a leader that shuts down hands over within 50 ms")
    func handOver() throws {
        for seed in 1...50 as ClosedRange<UInt64> {
            var simulation = QuorumSimulation(seed: seed, voters: 3)
            simulation.startAll()
            try simulation.run(until: Instant(nanoseconds: 2_000_000_000))
            let leader = try #require(simulation.replicas.firstIndex { $0.node?.isLeader == true })
            let before = simulation.committed.count
            let start = simulation.now
            try simulation.step(leader) { $0.shutdown(now: $1) }
            let isLed = try simulation.run(until: start + .milliseconds(50)) { $0.committed.count > before }
            #expect(isLed, "seed \(seed)")
        }
    }

    @Test("one cut-off follower disturbs nobody: the epoch stays")
    func preVote() throws {
        var simulation = QuorumSimulation(seed: 5, voters: 3)
        simulation.startAll()
        try simulation.run(until: Instant(nanoseconds: 1_000_000_000))
        let leader = try #require(simulation.replicas.firstIndex { $0.node?.isLeader == true })
        let epoch = simulation.replicas[leader].election.epoch
        let follower = try #require(simulation.replicas.indices.first { $0 != leader })
        for other in 0..<3 where other != follower {
            simulation.cuts.formUnion([[follower, other], [other, follower]])
        }
        try simulation.run(until: simulation.now + .seconds(20))
        simulation.heal()
        try simulation.run(until: simulation.now + .seconds(5))
        #expect(simulation.replicas.map(\.election.epoch) == [epoch, epoch, epoch])
        #expect(simulation.replicas[leader].node?.isLeader == true)
    }
}
