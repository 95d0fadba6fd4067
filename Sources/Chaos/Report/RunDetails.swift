/// What stands behind a run's figures: faults and recoveries, anomalies, notes, and what was run.
struct RunDetails {
    let result: RunResult

    func write(to page: inout MarkupText) {
        self.writeFaults(to: &page)
        self.writeAnomalies(to: &page)
        self.writeNotes(to: &page)
        self.writeConfiguration(to: &page)
    }

    private func writeFaults(to page: inout MarkupText) {
        guard !self.result.faults.isEmpty else { return }
        page.element("h4", text: "Faults, and how long until partitions were writable again")
        Self.table(
            ["fault", "node", "from", "to", "median partition", "all partitions"],
            self.result.faults.enumerated().map { index, fault in
                let recovery = self.result.recoveries.first { $0.fault == index }
                let known = recovery?.seconds.compactMap(\.self) ?? []
                return [
                    "\(fault.kind) \(fault.target)", fault.nodes.map(String.init).joined(separator: ", "),
                    Figures.moment(fault.from), fault.to.map(Figures.moment) ?? "never",
                    known.isEmpty ? "–" : Figures.duration(Percentiles(known).p50),
                    recovery.map { $0.longest.map(Figures.duration) ?? "not within the run" } ?? "–",
                ]
            }, to: &page)
    }

    private func writeAnomalies(to page: inout MarkupText) {
        page.element("h4", text: "Anomalies in the clients' history")
        let found = self.result.anomalies.filter { $0.count > 0 }
        guard !found.isEmpty else {
            page.element("p", ["class": "note"], text: "none of any class")
            return
        }
        for anomaly in found {
            page.element("details", ["open": ""]) { page in
                page.element("summary", text: "\(anomaly.name): \(Figures.count(anomaly.count))")
                page.element("p", text: AnomalyWords.meaning(of: anomaly.name))
                page.element("ul") { page in
                    for example in anomaly.examples { page.element("li", text: example) }
                }
            }
        }
    }

    private func writeNotes(to page: inout MarkupText) {
        guard !self.result.notes.isEmpty else { return }
        page.element("h4", text: "Notes")
        Self.table(["at", "what"], self.result.notes.map { [Figures.moment($0.at), $0.text] }, to: &page)
    }

    private func writeConfiguration(to page: inout MarkupText) {
        page.element("h4", text: "What was run")
        let workload = self.result.workload
        let topics = Dictionary(grouping: self.result.partitions, by: \.topic).mapValues(\.count)
        var rows = [
            ["program", self.result.program], ["began", self.result.startedAt],
            [
                "lasted",
                "\(Figures.duration(self.result.workloadSeconds)), with the final reading "
                    + Figures.duration(self.result.seconds),
            ],
            ["records sent", Figures.count(workload.sent)],
            ["received meanwhile", Figures.count(workload.received)],
            ["found at the end", Figures.count(workload.found)],
        ]
        rows += topics.sorted { $0.key < $1.key }.map { ["topic \($0.key)", "\($0.value) partitions"] }
        rows += self.result.nodes.map {
            ["node \($0.id)", "zone \($0.zone), \($0.roles.joined(separator: " and "))"]
        }
        Self.table([], rows, to: &page)
    }

    private static func table(_ head: [String], _ rows: [[String]], to page: inout MarkupText) {
        page.element("div", ["class": "scroll"]) { page in
            page.element("table") { page in
                if !head.isEmpty {
                    page.element("thead") { page in
                        page.element("tr") { page in
                            for name in head { page.element("th", text: name) }
                        }
                    }
                }
                page.element("tbody") { page in
                    for row in rows {
                        page.element("tr") { page in
                            for (index, text) in row.enumerated() {
                                page.element(index == 0 ? "th" : "td", text: text)
                            }
                        }
                    }
                }
            }
        }
    }
}
