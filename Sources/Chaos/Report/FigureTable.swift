/// The figures of one or two runs beside each other.
struct FigureTable {
    private struct Row {
        var name: String
        var hint: String?
        var texts: [String]
        /// The values to be compared where fewer is better; nil where more or fewer is neither.
        var costs: [Double]?
    }

    let results: [RunResult]

    func write(to page: inout MarkupText) {
        page.element("div", ["class": "scroll"]) { page in
            page.element("table", ["class": "figures"]) { page in
                page.element("thead") { page in
                    page.element("tr") { page in
                        page.element("th")
                        for result in self.results { page.element("th", text: ReportPage.name(of: result.cluster)) }
                    }
                }
                page.element("tbody") { page in
                    for row in self.rows { self.write(row, to: &page) }
                }
            }
        }
    }

    private func write(_ row: Row, to page: inout MarkupText) {
        let best = row.costs.flatMap { costs in Set(costs).count > 1 ? costs.min() : nil }
        page.element("tr") { page in
            page.element("th", ["title": row.hint], text: row.name)
            for (index, text) in row.texts.enumerated() {
                let isBest = best != nil && row.costs?[index] == best
                page.element("td", ["class": isBest ? "best" : nil], text: text)
            }
        }
    }

    private var rows: [Row] {
        var rows = [
            self.counts("records acknowledged", \.workload.acknowledged),
            Row(
                name: "acknowledged a second", hint: "over the whole workload, faults included",
                texts: self.results.map {
                    $0.workloadSeconds > 0
                        ? Figures.short(Double($0.workload.acknowledged) / $0.workloadSeconds) : "–"
                }),
            self.costs("lost", AnomalyWords.lost), self.costs("duplicated", AnomalyWords.duplicated),
            self.costs("reordered", AnomalyWords.reordered),
            self.costs("errors of clients", \.workload.clientErrors), self.costs("refused", \.workload.refused),
            self.costs("unknown outcome", \.workload.unknown),
        ]
        rows += self.percentiles("acknowledged after") { $0.workload.latency }
        rows.append(self.costs("pauses") { $0.pauses.count })
        rows += self.percentiles("pause of a partition") { Percentiles($0.pauses.map(\.seconds)) }
        if self.results.contains(where: { !$0.recoveries.isEmpty }) {
            rows += self.percentiles("partition writable after a fault", Self.recovered)
            rows.append(
                self.times("all partitions writable, slowest") { result in
                    var slowest = 0.0
                    for recovery in result.recoveries {
                        guard let longest = recovery.longest else { return nil }
                        slowest = max(slowest, longest)
                    }
                    return slowest
                })
        }
        return rows
    }

    private static func recovered(_ result: RunResult) -> Percentiles {
        Percentiles(result.recoveries.flatMap { $0.seconds.compactMap(\.self) })
    }

    private func counts(_ name: String, _ value: (RunResult) -> Int) -> Row {
        Row(name: name, texts: self.results.map { Figures.count(value($0)) })
    }

    private func costs(_ name: String, _ value: (RunResult) -> Int) -> Row {
        var row = self.counts(name, value)
        row.costs = self.results.map { Double(value($0)) }
        return row
    }

    private func times(_ name: String, hint: String? = nil, _ value: (RunResult) -> Double?) -> Row {
        let values = self.results.map(value)
        return Row(
            name: name, hint: hint, texts: values.map { $0.map(Figures.duration) ?? "never" },
            costs: values.map { $0 ?? .infinity })
    }

    private func percentiles(_ name: String, _ value: (RunResult) -> Percentiles) -> [Row] {
        let values = self.results.map(value)
        let columns: [(String, KeyPath<Percentiles, Double>)] = [
            ("p50", \.p50), ("p90", \.p90), ("p99", \.p99), ("longest", \.max),
        ]
        return columns.map { label, path in
            Row(
                name: "\(name), \(label)",
                texts: values.map { $0.count > 0 ? Figures.duration($0[keyPath: path]) : "–" },
                costs: values.allSatisfy { $0.count > 0 } ? values.map { $0[keyPath: path] } : nil)
        }
    }
}
