import ApusCore
import Glibc
import Simulation
import Testing

@Suite struct FaultInjectorTests {
    struct Outcome {
        var hash: UInt64
        var events: UInt64
        var problem: String?
        var virtualSeconds: Double
        var written: Int
        var counts: [String: Int]
    }

    /// One seed: a cluster of its own kind, records written one after the other while its faults strike, then a healed
    /// cluster that has to hold every acknowledged record once and in order.
    static func run(_ seed: UInt64, kinds: [FaultKind] = FaultKind.allCases, faultTime: Interval = .seconds(20))
        -> Outcome
    {
        let world = World(seed: seed, traceCapacity: 2000)
        let draw = SwarmDraw(world.random.branch("swarm"))
        draw.prepare(world)
        let cluster = draw.makeCluster(in: world)
        cluster.start()
        let client = TestClient(cluster)
        defer {
            client.close()
            cluster.close()
        }
        func outcome(_ problem: String?, _ injector: FaultInjector? = nil) -> Outcome {
            Outcome(
                hash: world.trace.hash, events: world.eventCount, problem: problem,
                virtualSeconds: Double(world.now.nanoseconds) / 1e9, written: client.acknowledged.count,
                counts: injector?.counts ?? [:])
        }
        func last(_ words: String) -> String {
            ([words, "\(draw)"] + world.trace.last.filter { $0.text != nil }.suffix(150).map(\.line)).joined(
                separator: "\n")
        }
        guard world.run(atMost: .seconds(60), until: { cluster.isWhole }) else { return outcome(last("never whole")) }
        let replicas = Int16(min(3, cluster.shape.brokers.count))
        guard client.createTopic("numbers", partitions: 1, replicas: replicas) == .noError else {
            return outcome(last("no topic"))
        }
        client.write(1_000_000, to: "numbers")
        client.startReading("numbers")
        let plan = FaultPlan.draw(
            world.random.branch("plan"), shape: cluster.shape, duration: faultTime, kinds: kinds)
        let injector = FaultInjector(plan, cluster: cluster)
        injector.begin()
        world.run(for: faultTime)
        client.stopWriting()
        injector.heal()
        guard world.run(atMost: .seconds(180), until: { cluster.hasConverged && client.isIdle }) else {
            return outcome(last("does not converge: \(cluster.hasConverged) \(client.isIdle)"), injector)
        }
        let end = client.acknowledged.values.max()
        _ = world.run(atMost: .seconds(30), until: { client.readEnd > (end ?? -1) })
        for (number, offset) in client.acknowledged.sorted(by: { $0.key < $1.key }) where offset >= 0 {
            guard client.readByOffset[offset] == "record \(number)" else {
                return outcome(
                    last("record \(number) at \(offset) was read as \(client.readByOffset[offset] ?? "nothing")"),
                    injector)
            }
        }
        return outcome(nil, injector)
    }

    @Test func `seeds of the swarm lose nothing and converge`() throws {
        let list = getenv("APUS_SEEDS").map { String(cString: $0) } ?? "2-3"
        let bounds = list.split(separator: "-").compactMap { UInt64($0) }
        var events: UInt64 = 0
        var seconds = 0.0
        let start = clock()
        for seed in bounds[0]...(bounds.last ?? bounds[0]) {
            let outcome = Self.run(seed)
            events += outcome.events
            seconds += outcome.virtualSeconds
            print(
                "seed \(seed) events \(outcome.events) virtual \(outcome.virtualSeconds) written \(outcome.written) \(outcome.counts.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)" }.joined(separator: " "))"
            )
            #expect(outcome.problem == nil, "seed \(seed): \(outcome.problem ?? "")")
        }
        let real = Double(clock() - start) / 1e6
        print("\(Double(events) / real) events/s, virtual over real \(seconds / real)")
    }
}
