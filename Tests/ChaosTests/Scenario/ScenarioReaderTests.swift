import ApusCore
import Chaos
import Testing

@Suite("Reading a scenario")
struct ScenarioReaderTests {
    private static let whole = """
        summary: What happens.
        cluster:
          brokers: 2
          controllers: 1
          zones: [x, y]
          config:
            broker.session.timeout.ms: 6000
        topics:
          - name: orders
            partitions: 2
            replicas: 2
            config: { min.insync.replicas: 1 }
        workload: { producers: 3, rate: 90, record-size: 64, acks: 1, consumers: 0, warm-up: 500 ms, duration: 2 min }
        faults:
          - at: 1.5 s
            cut: leader of orders 1 and zone y
            direction: from-target
            clients: false
            for: 4 s
            times: 2
            every: 10 s
        expect:
          lost: 0
          acknowledged: ">= 100"
          recovery-max: < 2 s
        """

    @Test("takes everything that the file says")
    func whole() throws {
        let scenario = try ScenarioReader.read(Self.whole, file: "chaos/cut-off.yaml")
        let cut = FaultPlan.Cut(direction: .outgoing, cutsClients: false, isolatesEach: false)
        #expect(scenario.name == "cut-off")
        #expect(
            scenario.cluster.nodes == [
                .init(id: 0, zone: "x", isBroker: true, isController: false),
                .init(id: 1, zone: "y", isBroker: true, isController: false),
                .init(id: 2, zone: "x", isBroker: false, isController: true),
            ])
        #expect(scenario.cluster.settings == [.init(name: "broker.session.timeout.ms", value: "6000")])
        #expect(
            scenario.topics == [
                TopicPlan(
                    name: "orders", partitionCount: 2, replicationFactor: 2,
                    settings: [.init(name: "min.insync.replicas", value: "1")])
            ])
        #expect(
            scenario.workload.producers
                == ProducerPlan(
                    count: 3, rate: 90, recordSize: 64, acknowledgement: .leader, isIdempotent: false,
                    deliveryTimeout: .seconds(60)))
        #expect(scenario.workload.duration == .seconds(120))
        #expect(
            scenario.faults == [
                FaultPlan(
                    kind: .cut(cut), target: .union([.leader(topic: "orders", partition: 1), .zone("y")]),
                    at: .milliseconds(1500), length: .seconds(4), count: 2, every: .seconds(10), line: 15)
            ])
        #expect(
            scenario.expectations == [
                Expectation(figure: .lost, bound: .exactly(0), text: "0"),
                Expectation(figure: .recoveryMax, bound: .below(.seconds(2)), text: "< 2 s"),
                Expectation(figure: .acknowledged, bound: .atLeast(100), text: ">= 100"),
            ])
    }

    @Test(
        "says file, line, key, value and what would be right",
        arguments: [
            ("summary: [", "x.yaml:2: did not find expected node content"),
            ("summary: a\nsummary: b", "x.yaml:2: 'summary' is given twice"),
            (
                "summery: a",
                "x.yaml:1: the scenario has no key 'summery'; is summary meant? (it may have summary, "
                    + "cluster, topics, workload, faults, expect)"
            ),
            (
                "summary: a\nworkload:\n  rate: fast",
                "x.yaml:3: workload: rate is 'fast', it must be a whole number from 1 to 1000000"
            ),
            (
                "summary: a\nworkload:\n  duration: 5",
                "x.yaml:3: workload: duration is '5', it must be a length of time such as 1500 ms or 2 s"
            ),
            (
                "summary: a\nfaults:\n  - at: -1 s\n    kill: all",
                "x.yaml:3: the fault: at is '-1 s', it must be a length of time such as 1500 ms or 2 s"
            ),
            (
                "summary: a\nfaults:\n  - at: 1 s\n    clock: all\n    shift: back",
                "x.yaml:5: the fault: shift is 'back', it must be a length of time such as 1500 ms or -2 s"
            ),
            (
                "summary: a\nfaults:\n  - at: 1 s\n    kill: node 3",
                "x.yaml:4: the fault: kill is 'node 3', it must be one of the nodes 0 to 2"
            ),
            (
                "summary: a\nfaults:\n  - at: 1 s\n    kill: zone d",
                "x.yaml:4: the fault: kill is 'zone d', it must be one of the zones a, b, c"
            ),
            ("summary: a\nfaults:\n  - kill: all", "x.yaml:3: the fault needs 'at'"),
            (
                "summary: a\nfaults:\n  - at: 1 s\n    kill: all\n    times: 2",
                "x.yaml:3: the fault: 'times' needs 'every', the time between two beginnings"
            ),
            (
                "summary: a\nfaults:\n  - at: 1 s\n    kill: all\n    latency: 1 s",
                "x.yaml:3: the fault: latency belongs to slow-link"
            ),
            (
                "summary: a\nexpect:\n  recovery-max: 2 s",
                "x.yaml:3: expect: recovery-max is '2 s', it must be '< 2 s'"
            ),
            (
                "summary: a\nworkload: { acks: 1, idempotent: true }",
                "x.yaml:2: workload: idempotent producers need acks: all"
            ),
            ("summary: a", "x.yaml:1: the scenario needs 'expect'"),
        ])
    func errors(text: String, message: String) {
        do {
            _ = try ScenarioReader.read(text, file: "x.yaml")
            Issue.record("it was read")
        } catch {
            #expect(error.description == message)
        }
    }

    @Test(
        "lets a clock jump ahead and back",
        arguments: [("3600 s", 3_600_000), ("-3600 s", -3_600_000)] as [(String, Int64)])
    func clock(text: String, milliseconds: Int64) throws {
        let scenario = try ScenarioReader.read(
            "summary: a\nfaults:\n  - at: 1 s\n    clock: next\n    shift: \(text)\nexpect: { lost: 0 }", file: "x.yaml"
        )
        #expect(scenario.faults.map(\.kind) == [.clock(shift: .milliseconds(milliseconds))])
    }

    @Test("refuses aliases that make a small file endless")
    func aliases() {
        var text = "a0: &a0 [x, x]\n"
        for level in 1...40 { text += "a\(level): &a\(level) [*a\(level - 1), *a\(level - 1)]\n" }
        #expect(throws: ScenarioError.self) { try ScenarioReader.read(text, file: "x.yaml") }
    }
}
