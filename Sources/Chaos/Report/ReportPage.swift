/// A page about one run, or about two of the same scenario beside each other: one file of HTML that needs nothing else.
package struct ReportPage {
    private let results: [RunResult]

    /// - Parameter results: one or more; what was run against ours comes first.
    package init(_ results: [RunResult]) {
        precondition(!results.isEmpty)
        self.results = results
    }

    static func name(of cluster: ClusterKind) -> String {
        switch cluster {
        case .ours: "Apus"
        case .kafka: "Apache Kafka"
        }
    }

    /// The page's text, the same for the same results.
    package var html: String {
        var page = MarkupText()
        page.writeRaw("<!DOCTYPE html>\n")
        page.element("html", ["lang": "en"]) { page in
            page.element("head") { page in
                page.element("meta", ["charset": "utf-8"])
                page.element("meta", ["name": "viewport", "content": "width=device-width, initial-scale=1"])
                page.element("meta", ["name": "color-scheme", "content": "light dark"])
                page.element("title", text: "\(self.results[0].scenario): chaos run")
                page.element("style") { $0.writeRaw(ReportStyle.text) }
            }
            page.element("body") { self.writeBody(to: &$0) }
        }
        return page.text + "\n"
    }

    private func writeBody(to page: inout MarkupText) {
        page.element("header") { page in
            page.element("p", ["class": "kind"], text: "Chaos run")
            page.element("h1", text: self.results[0].scenario)
            page.element("p", ["class": "summary"], text: self.results[0].summary)
        }
        self.runs(self.results, to: &page) { RunVerdict(result: $0).write(to: &$1) }
        let told = self.results.filter { $0.skipped == nil }
        guard !told.isEmpty else { return }
        page.element("h2", text: "What happened when")
        let scale = TimeScale(end: told.map(\.workloadSeconds).max() ?? 1)
        let rate = told.map { Timeline.rateMaximum(of: $0, scale: scale) }.max() ?? 1
        self.runs(told, style: "picture", to: &page) { result, page in
            if told.count > 1 { page.element("h3", text: Self.name(of: result.cluster)) }
            Timeline(result: result, scale: scale, rateMaximum: rate).write(to: &page)
        }
        page.element("h2", text: "Figures")
        FigureTable(results: told).write(to: &page)
        self.runs(told, style: "details", to: &page) { result, page in
            if told.count > 1 { page.element("h3", text: Self.name(of: result.cluster)) }
            RunDetails(result: result).write(to: &page)
        }
    }

    /// A section for each run, beside each other where there is room.
    private func runs(
        _ results: [RunResult], style: String = "", to page: inout MarkupText,
        _ content: (RunResult, inout MarkupText) -> Void
    ) {
        page.element("div", ["class": results.count > 1 ? "runs two" : "runs"]) { page in
            for result in results {
                page.element("section", ["class": "run \(style)"]) { content(result, &$0) }
            }
        }
    }
}
