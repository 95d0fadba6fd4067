import Chaos
import CommandLineArguments
import Foundation

/// What a run showed, for a terminal.
enum ChaosReport {
    static func text(of result: RunResult) -> String {
        if let reason = result.skipped { return "\(result.scenario): skipped: \(reason)\n" }
        var lines = ["\(result.scenario) against \(result.cluster.rawValue): \(result.summary)", ""]
        for (index, fault) in result.faults.enumerated() {
            let nodes = fault.nodes.map(String.init).joined(separator: ", ")
            var line = self.seconds(fault.from) + "  \(fault.kind) \(fault.target) (nodes \(nodes))"
            if let to = fault.to { line += " until " + self.seconds(to) }
            if let longest = result.recoveries[index].longest {
                if longest > 0 { line += ", all writable after " + self.seconds(longest) }
            } else {
                line += ", not all writable again"
            }
            lines.append(line)
        }
        for note in result.notes { lines.append(self.seconds(note.at) + "  " + note.text) }
        for anomaly in result.anomalies {
            lines.append("\(anomaly.count) \(anomaly.name)")
            lines += anomaly.examples.map { "    " + $0 }
        }
        let totals = result.workload
        lines.append("")
        lines.append(
            "\(totals.sent) records sent, \(totals.acknowledged) acknowledged, \(totals.refused) refused, "
                + "\(totals.unknown) unknown, \(totals.found) found at the end")
        lines.append(
            String(
                format: "acknowledged after %.1f ms (p50), %.1f ms (p99), %.1f ms at most", totals.latency.p50 * 1000,
                totals.latency.p99 * 1000, totals.latency.max * 1000))
        lines.append("")
        var table = TextTable([.init("Expectation"), .init("Expected"), .init("Measured"), .init("")])
        for outcome in result.expectations {
            table.add([outcome.name, outcome.expected, outcome.actual, outcome.holds ? "ok" : "FAILED"])
        }
        return lines.joined(separator: "\n") + "\n" + table.text
    }

    /// One line of a series.
    static func line(of outline: RunOutline, _ result: RunResult) -> String {
        let recovery = outline.recoveryMax.map(self.seconds) ?? "never"
        var line =
            "run \(outline.run): \(outline.isGood ? "ok    " : "FAILED") \(outline.acknowledged) acknowledged, "
            + "\(outline.lost) lost, \(outline.duplicated) duplicated, \(outline.reordered) reordered, "
            + "\(outline.clientErrors) client errors, longest pause \(self.seconds(outline.pauseMax)), "
            + "all writable after \(recovery)"
        for outcome in result.expectations where !outcome.holds {
            line += "; \(outcome.name) is \(outcome.actual), not \(outcome.expected)"
        }
        return line
    }

    static func text(of series: SeriesResult) -> String {
        let runs = series.runs
        var table = TextTable([
            .init("Seconds"), .init("Count", .right), .init("p50", .right), .init("p90", .right),
            .init("p99", .right), .init("Max", .right),
        ])
        func add(_ name: String, _ figures: Percentiles) {
            let texts = [figures.p50, figures.p90, figures.p99, figures.max].map { String(format: "%.3f", $0) }
            table.add([name, "\(figures.count)"] + texts)
        }
        add("a partition writable again", series.recovery)
        add("all partitions writable again", series.recoveryOfAll)
        let good = runs.filter(\.isGood).count
        func sum(_ figure: (RunOutline) -> Int) -> Int { runs.reduce(0) { $0 + figure($1) } }
        return """

            \(good) of \(runs.count) runs as expected; \(sum(\.acknowledged)) records acknowledged, \(sum(\.lost)) lost, \
            \(sum(\.duplicated)) duplicated, \(sum(\.reordered)) reordered, \(sum(\.clientErrors)) client errors

            """ + table.text
    }

    private static func seconds(_ seconds: Double) -> String { String(format: "%.3f s", seconds) }
}
