/// The picture of one run: rows over one axis of time, with its faults as bands through all of them.
struct Timeline {
    /// More partitions than this are not drawn one by one.
    static let partitionsMax = 40
    /// With more rows than this, rows are thinner and bear no text.
    private static let tallRowsMax = 16
    /// Shorter pauses, in seconds, are drawn paler: a busy machine has them without any fault.
    private static let shortPause = 0.5
    /// What a fault's name takes of the picture's width, on a narrow screen.
    private static let nameWidth = 0.24

    let result: RunResult
    let scale: TimeScale
    /// The top of the chart of records a second; the same for runs that are compared.
    let rateMaximum: Double

    /// The most records a second that a run's chart must show.
    static func rateMaximum(of result: RunResult, scale: TimeScale) -> Double {
        let rates = Self.rates(of: result, scale: scale)
        return max(rates.written.maximum, rates.received.maximum)
    }

    private static func rates(of result: RunResult, scale: TimeScale) -> (written: StepSeries, received: StepSeries) {
        let width = max(0.25, scale.end / 300)
        return (
            StepSeries(rateOf: result.samples, width: width, \.acknowledged),
            StepSeries(rateOf: result.samples, width: width, \.received)
        )
    }

    func write(to page: inout MarkupText) {
        page.element("div", ["class": "lanes"]) { page in
            self.writeBands(to: &page)
            self.writeFaults(to: &page)
            self.writeProcesses(to: &page)
            self.writeController(to: &page)
            self.writePartitions(to: &page)
            self.writeCharts(to: &page)
            self.writeAxis(to: &page)
        }
        self.writeLegend(to: &page)
    }

    // MARK: Faults

    private func writeBands(to page: inout MarkupText) {
        page.element("div", ["class": "bands"]) { page in
            for tick in self.scale.ticks {
                page.element("i", ["class": "grid", "style": self.scale.style(from: tick, to: tick)])
            }
            for fault in self.result.faults {
                page.element(
                    "i",
                    [
                        "class": "band \(Self.family(of: fault.kind))",
                        "style": self.scale.style(from: fault.from, to: self.end(of: fault)),
                    ])
            }
        }
    }

    private func end(of fault: FaultSpan) -> Double { fault.to ?? self.result.seconds }

    private func writeFaults(to page: inout MarkupText) {
        guard !self.result.faults.isEmpty else { return }
        let lanes = FaultLanes(self.result.faults, end: self.scale.end, nameWidth: self.scale.end * Self.nameWidth)
        self.heading("Faults", to: &page)
        for row in 0..<lanes.rowCount {
            self.lane("", tall: true, to: &page) { page in
                for index in self.result.faults.indices where lanes.rows[index] == row {
                    self.write(index, lanes, to: &page)
                }
            }
        }
    }

    private func write(_ index: Int, _ lanes: FaultLanes, to page: inout MarkupText) {
        let fault = self.result.faults[index]
        let nodes = fault.nodes.map(String.init).joined(separator: ", ")
        var title = "\(fault.kind) \(fault.target): node \(nodes), from \(Figures.moment(fault.from))"
        if let to = fault.to { title += " to \(Figures.moment(to))" }
        if let served = fault.servedAgain { title += ", served again at \(Figures.moment(served))" }
        let family = Self.family(of: fault.kind)
        let end = self.end(of: fault)
        page.element(
            "span", ["class": "fault \(family)", "title": title, "style": self.scale.style(from: fault.from, to: end)])
        if lanes.ends[index] > end {
            page.element(
                "span",
                ["class": "returning \(family)", "style": self.scale.style(from: end, to: lanes.ends[index])])
        }
        let place =
            lanes.isNameBefore[index]
            ? "right:\(Figures.decimal(100 - self.scale.percent(fault.from), 3))%"
            : "left:\(Figures.decimal(self.scale.percent(lanes.ends[index]), 3))%"
        page.element(
            "b", ["class": "fault-name \(family)", "title": title, "style": place],
            text: fault.nodes.isEmpty ? fault.kind : "\(fault.kind) \(nodes)")
    }

    /// Faults that are alike have one colour: of processes, of links, of disks, and load.
    static func family(of kind: String) -> String {
        switch kind {
        case "kill", "stop", "roll", "pause": "process"
        case "slow-disk", "full-disk", "failing-fsync": "disk"
        case "clock", "storm": "other"
        default: "link"
        }
    }

    // MARK: Rows of states

    private func writeProcesses(to page: inout MarkupText) {
        self.heading("Processes", to: &page)
        for node in self.result.nodes {
            let name = "node \(node.id)"
            let hint = "\(name), zone \(node.zone), \(node.roles.joined(separator: " and "))"
            self.lane(name, hint: hint, to: &page) { page in
                let spans = StateSpan.joined(self.result.samples, end: self.result.seconds) {
                    $0.running.contains(node.id)
                }
                for span in spans {
                    let words = span.state ? "runs" : "does not run"
                    self.bar(
                        span.state ? self.color(of: node.id) : "down", "\(name) \(words)", span.from, span.to, to: &page
                    )
                }
            }
        }
    }

    private func writeController(to page: inout MarkupText) {
        let spans = StateSpan.joined(self.result.samples, end: self.result.seconds) { $0.controller ?? -1 }
        guard spans.contains(where: { $0.state >= 0 }) else { return }
        self.heading("Active controller", to: &page)
        self.lane("node", to: &page) { page in
            for span in spans {
                self.bar(
                    self.color(of: span.state), span.state < 0 ? "no controller known" : "controller \(span.state)",
                    span.from, span.to, text: span.state < 0 ? nil : "\(span.state)", to: &page)
            }
        }
    }

    private func writePartitions(to page: inout MarkupText) {
        let shown = min(self.result.partitions.count, Self.partitionsMax)
        guard shown > 0 else { return }
        let isTall = shown <= Self.tallRowsMax
        let full = self.result.samples.flatMap(\.inSync).max() ?? 0
        self.heading("Leader, replicas in sync and pauses of each partition", to: &page)
        let topics = Set(self.result.partitions.map(\.topic))
        for index in 0..<shown {
            let partition = self.result.partitions[index]
            let name = topics.count > 1 ? "\(partition.topic)-\(partition.index)" : "\(partition.index)"
            self.lane(name, hint: "\(partition.topic)-\(partition.index)", isPartition: true, tall: isTall, to: &page) {
                self.writeLeaders(of: index, hasText: isTall, to: &$0)
                self.writeInSync(of: index, full: full, to: &$0)
                for pause in self.result.pauses where pause.partition == index {
                    let title = "nothing acknowledged for \(Figures.duration(pause.seconds))"
                    let style = pause.seconds < Self.shortPause ? "pause short" : "pause"
                    self.bar(style, title, pause.from, pause.to, to: &$0)
                }
            }
        }
        if shown < self.result.partitions.count {
            page.element("p", ["class": "note"], text: "and \(self.result.partitions.count - shown) more partitions")
        }
    }

    private func writeLeaders(of partition: Int, hasText: Bool, to page: inout MarkupText) {
        let spans = StateSpan.joined(self.result.samples, end: self.result.seconds) {
            partition < $0.leaders.count ? $0.leaders[partition] : nil
        }
        for span in spans {
            let title = span.state < 0 ? "no leader" : "led by node \(span.state)"
            let isWide = self.scale.percent(span.to) - self.scale.percent(span.from) > 3
            self.bar(
                "leader " + self.color(of: span.state), title, span.from, span.to,
                text: hasText && isWide && span.state >= 0 ? "\(span.state)" : nil, to: &page)
        }
    }

    private func writeInSync(of partition: Int, full: Int, to page: inout MarkupText) {
        let spans = StateSpan.joined(self.result.samples, end: self.result.seconds) {
            partition < $0.inSync.count ? $0.inSync[partition] : nil
        }
        for span in spans {
            let depth = span.state >= full ? "full" : span.state <= 1 ? "alone" : "reduced"
            self.bar(
                "isr \(depth)", "\(span.state) of \(full) replicas in sync", span.from, span.to, to: &page)
        }
    }

    // MARK: Charts

    private func writeCharts(to page: inout MarkupText) {
        let pauses = StepSeries(counting: self.result.pauses.map { ($0.from, $0.to) })
        let count = self.result.partitions.count
        let most = Figures.short(pauses.maximum)
        self.heading("Partitions that wait for an acknowledgement, at most \(most) of \(count)", to: &page)
        self.chart(
            [(pauses, "area waiting")], maximum: Double(max(1, count)), height: 44, top: "\(count)", to: &page)
        let rates = Self.rates(of: self.result, scale: self.scale)
        self.heading("Records a second: acknowledged (area), received by consumers (line)", to: &page)
        self.chart(
            [(rates.written, "area written"), (rates.received, "line received")], maximum: self.rateMaximum,
            height: 96, top: Figures.short(self.rateMaximum), to: &page)
    }

    private func chart(
        _ series: [(StepSeries, String)], maximum: Double, height: Int, top: String,
        to page: inout MarkupText
    ) {
        page.element("div", ["class": "lane chart", "style": "height:\(height)px"]) { page in
            page.element("span", ["class": "name"], text: "0")
            page.element("span", ["class": "name top"], text: top)
            page.element(
                "svg", ["viewBox": "0 0 1000 100", "preserveAspectRatio": "none", "role": "img", "aria-label": top]
            ) { page in
                for (series, style) in series {
                    let path = series.path(scale: self.scale, maximum: maximum, isArea: style.hasPrefix("area"))
                    page.element("path", ["class": style, "d": path])
                }
            }
        }
    }

    // MARK: Parts

    private func heading(_ text: String, to page: inout MarkupText) {
        page.element("h4", text: text)
    }

    private func lane(
        _ name: String, hint: String? = nil, isPartition: Bool = false, tall: Bool = false, to page: inout MarkupText,
        _ content: (inout MarkupText) -> Void
    ) {
        let style = (isPartition ? " partition" : "") + (tall ? " tall" : "")
        page.element("div", ["class": "lane" + style]) { page in
            if !name.isEmpty { page.element("span", ["class": "name", "title": hint], text: name) }
            content(&page)
        }
    }

    private func bar(
        _ style: String, _ title: String, _ from: Double, _ to: Double, text: String? = nil, to page: inout MarkupText
    ) {
        page.element(
            "span",
            [
                "class": "bar \(style)",
                "title": "\(title), \(Figures.moment(from)) to \(Figures.moment(to))",
                "style": self.scale.style(from: from, to: to),
            ]
        ) { page in
            if let text { page.write(text) }
        }
    }

    /// The colour of a node: by its place among the nodes, so that two of a run have the same as rarely as possible.
    private func color(of node: Int) -> String {
        guard let index = self.result.nodes.firstIndex(where: { $0.id == node }) else { return "nobody" }
        return "n\(index % 8)"
    }

    private func writeAxis(to page: inout MarkupText) {
        page.element("div", ["class": "axis"]) { page in
            for tick in self.scale.ticks {
                let place = Figures.decimal(self.scale.percent(tick), 3)
                page.element("span", ["style": "left:\(place)%"], text: "\(Figures.decimal(tick, 1)) s")
            }
        }
    }

    private func writeLegend(to page: inout MarkupText) {
        page.element("p", ["class": "legend"]) { page in
            for node in self.result.nodes {
                self.key(self.color(of: node.id), "node \(node.id), zone \(node.zone)", to: &page)
            }
            let keys = [
                ("down", "process down or stopped"), ("nobody", "nobody, or not known"),
                ("isr reduced", "not all replicas in sync"), ("isr alone", "one or none in sync"),
                ("pause", "no acknowledgement"), ("pause short", "for less than 0.5 s"),
            ]
            for (style, text) in keys { self.key(style, text, to: &page) }
        }
    }

    private func key(_ style: String, _ text: String, to page: inout MarkupText) {
        page.element("span", ["class": "key"]) { page in
            page.element("i", ["class": "bar \(style)"])
            page.write(text)
        }
    }
}
