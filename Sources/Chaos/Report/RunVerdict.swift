/// The head of one run: whether it is good, the counts that matter most, and what was expected.
struct RunVerdict {
    let result: RunResult

    func write(to page: inout MarkupText) {
        page.element("div", ["class": "verdict \(self.style)"]) { page in
            page.element("span", ["class": "mark"], text: self.mark)
            page.element("div") { page in
                page.element("strong", text: "\(ReportPage.name(of: self.result.cluster)): \(self.sentence)")
                page.element("small", text: "\(self.program) · \(self.result.startedAt)")
            }
        }
        guard self.result.skipped == nil else { return }
        page.element("div", ["class": "tiles"]) { page in
            let workload = self.result.workload
            self.tile(Figures.count(workload.acknowledged), "acknowledged", to: &page)
            self.tile(AnomalyWords.lost(self.result), "lost", to: &page)
            self.tile(AnomalyWords.duplicated(self.result), "duplicated", to: &page)
            self.tile(AnomalyWords.reordered(self.result), "reordered", to: &page)
            self.tile(workload.clientErrors, "client errors", isGraded: false, to: &page)
            let longest = self.result.pauses.map(\.seconds).max()
            self.tile(longest.map(Figures.duration) ?? "none", "longest pause", to: &page)
        }
        self.writeExpectations(to: &page)
    }

    /// The program without the folders that it is in.
    private var program: String {
        let program = self.result.program
        guard program.hasPrefix("/"), let slash = program.lastIndex(of: "/") else { return program }
        return String(program[program.index(after: slash)...])
    }

    private var missed: Int { self.result.expectations.filter { !$0.holds }.count }

    private var style: String {
        self.result.skipped != nil ? "skipped" : self.result.isGood ? "good" : "bad"
    }

    private var mark: String {
        self.result.skipped != nil ? "–" : self.result.isGood ? "✓" : "✗"
    }

    private var sentence: String {
        if let reason = self.result.skipped { return "not run, \(reason)" }
        let count = self.result.expectations.count
        if count == 0 { return "nothing was expected of it" }
        if self.missed == 0 { return count == 1 ? "the expectation was met" : "all \(count) expectations were met" }
        return "\(self.missed) of \(count) expectations \(self.missed == 1 ? "was" : "were") not met"
    }

    private func tile(_ count: Int, _ name: String, isGraded: Bool = true, to page: inout MarkupText) {
        let style: String? = isGraded ? (count == 0 ? "good" : "bad") : nil
        self.tile(Figures.count(count), name, style: style, to: &page)
    }

    private func tile(_ text: String, _ name: String, style: String? = nil, to page: inout MarkupText) {
        page.element("div", ["class": style.map { "tile \($0)" } ?? "tile"]) { page in
            page.element("b", text: text)
            page.element("span", text: name)
        }
    }

    private func writeExpectations(to page: inout MarkupText) {
        guard !self.result.expectations.isEmpty else { return }
        page.element("div", ["class": "scroll expected"]) { page in
            page.element("table") { page in
                page.element("thead") { page in
                    page.element("tr") { page in
                        for name in ["", "expected of", "wanted", "was"] { page.element("th", text: name) }
                    }
                }
                page.element("tbody") { page in
                    for each in self.result.expectations {
                        page.element("tr", ["class": each.holds ? nil : "missed"]) { page in
                            page.element(
                                "td", ["class": each.holds ? "mark good" : "mark bad"], text: each.holds ? "✓" : "✗")
                            page.element("th", text: each.name)
                            page.element("td", text: each.expected)
                            page.element("td", text: each.actual)
                        }
                    }
                }
            }
        }
    }
}
