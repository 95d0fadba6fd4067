import Chaos
import Foundation
import Testing

@Suite("Page about a chaos run")
struct ReportPageTests {
    private static func result(_ cluster: ClusterKind = .ours) -> RunResult {
        var workload = WorkloadTotals()
        (workload.sent, workload.acknowledged, workload.found) = (12_345, 12_340, 12_340)
        return RunResult(
            scenario: "rolling-kills", summary: "Nodes are killed <one> by one & \"start\" again.", cluster: cluster,
            program: "apus 1", startedAt: "2026-01-01T00:00:00Z", seconds: 12, workloadSeconds: 10,
            nodes: (0..<3).map { NodeOutline(id: $0, zone: "z\($0)", roles: ["broker", "controller"]) },
            partitions: (0..<2).map { PartitionOutline(topic: "chaos", index: $0) },
            faults: [
                FaultSpan(kind: "kill", target: "leader-of-most", nodes: [0], from: 2, to: 4, servedAgain: 4.5),
                FaultSpan(kind: "slow-disk", target: "node 1", nodes: [1], from: 8),
            ],
            samples: stride(from: 0, to: 10, by: 0.5).map {
                Sample(
                    at: $0, controller: $0 < 3 ? 0 : 1, leaders: [$0 < 3 ? 0 : -1, 1], inSync: [3, $0 < 3 ? 3 : 2],
                    running: [0, 1, 2], acknowledged: 600, received: 600)
            },
            pauses: [PauseSpan(partition: 0, from: 2, to: 2.75)],
            recoveries: [Recovery(fault: 0, seconds: [0.75, 0]), Recovery(fault: 1, seconds: [0, nil])],
            workload: workload,
            anomalies: [AnomalyTotal(name: "lost-write", count: 2, examples: ["value <7> of chaos-1"])],
            expectations: [
                ExpectationOutcome(name: "lost", expected: "0", actual: "2", holds: false),
                ExpectationOutcome(name: "pause-max", expected: "< 1 s", actual: "0.75 s", holds: true),
            ],
            notes: [Note(at: 5, text: "node 2 ended by itself")])
    }

    /// The tags that are open at the end, or the first one that closes another than it should.
    private static func unbalanced(_ html: String) -> [String] {
        var open: [String] = []
        for piece in html.split(separator: "<").dropFirst() {
            let tag = piece.prefix { $0 != ">" }
            guard let first = tag.first, first != "!", tag.last != "/" else { continue }
            let name = String(tag.drop { $0 == "/" }.prefix { $0 != " " })
            if first != "/" {
                open.append(name)
            } else if open.popLast() != name {
                return ["</\(name)>"]
            }
        }
        return open
    }

    @Test("says what was expected and not met, what was lost, and every moment of the picture")
    func content() {
        let html = ReportPage([Self.result()]).html
        for text in [
            "Apus: 1 of 2 expectations was not met", "12\u{202f}340", "lost-write: 2", "node 2 ended by itself",
            "led by node 1, 0.00 s to 12.00 s", "no leader, 3.00 s", "2 of 3 replicas in sync, 3.00 s",
            "nothing acknowledged for 750 ms", "controller 1", "not within the run", "class=\"band disk\"",
        ] {
            #expect(html.contains(text), "\(text)")
        }
        #expect(!html.contains("Apache Kafka"))
    }

    @Test("is one well-formed file that asks for nothing from elsewhere")
    func selfContained() {
        let html = ReportPage([Self.result(), Self.result(.kafka)]).html
        #expect(Self.unbalanced(html) == [])
        for text in ["<script", "<link", "src=", "href=", "url(", "@import"] {
            #expect(!html.contains(text), "\(text)")
        }
    }

    @Test("takes no markup from names and messages")
    func escaped() {
        let html = ReportPage([Self.result()]).html
        #expect(html.contains("killed &lt;one&gt; by one &amp; &quot;start&quot; again"))
        #expect(html.contains("value &lt;7&gt; of chaos-1"))
    }

    @Test("shows two runs beside each other, on the same scales, the better figure marked")
    func sideBySide() {
        var slower = Self.result(.kafka)
        slower.pauses = [PauseSpan(partition: 1, from: 2, to: 5)]
        slower.workloadSeconds = 20
        let html = ReportPage([Self.result(), slower]).html
        #expect(html.contains("Apache Kafka: 1 of 2"))
        #expect(html.contains("class=\"best\">750 ms</td><td>3 s</td>"))
        // The fault from 2 s to 4 s stands in both pictures at a tenth of 20 s.
        #expect(html.components(separatedBy: "band process\" style=\"left:10%;width:10%\"").count == 3)
    }

    @Test("of a run that could not be done says why, and shows no figures")
    func skipped() {
        var result = Self.result()
        result.skipped = "the library of clock faults is not built"
        let html = ReportPage([result]).html
        #expect(html.contains("Apus: not run, the library of clock faults is not built"))
        #expect(!html.contains("What happened when"))
    }

    @Test("is the same for the same result")
    func deterministic() {
        #expect(ReportPage([Self.result()]).html == ReportPage([Self.result()]).html)
    }
}
