/// Several runs of one scenario, one after the other. Pure.
package struct RunSeries: Equatable, Sendable {
    package private(set) var result: SeriesResult
    private var recoveries: [Double] = []
    private var recoveriesOfAll: [Double] = []

    package init(scenario: String, cluster: ClusterKind) {
        self.result = SeriesResult(scenario: scenario, cluster: cluster)
    }

    /// Takes one more run in.
    @discardableResult
    package mutating func add(_ run: RunResult) -> RunOutline {
        func count(_ figure: Expectation.Figure) -> Int {
            run.expectations.first { $0.name == figure.rawValue }.flatMap { Int($0.actual) } ?? 0
        }
        let longest = run.recoveries.map(\.longest)
        let outline = RunOutline(
            run: self.result.runs.count + 1, isGood: run.isGood, acknowledged: run.workload.acknowledged,
            lost: count(.lost), duplicated: count(.duplicated), reordered: count(.reordered),
            clientErrors: run.workload.clientErrors, pauseMax: run.pauses.map(\.seconds).max() ?? 0,
            recoveryMax: longest.contains(nil) ? nil : longest.compactMap(\.self).max() ?? 0)
        self.result.runs.append(outline)
        self.recoveries += run.recoveries.flatMap(\.seconds).compactMap(\.self)
        self.recoveriesOfAll += longest.compactMap(\.self)
        self.result.recovery = Percentiles(self.recoveries)
        self.result.recoveryOfAll = Percentiles(self.recoveriesOfAll)
        return outline
    }
}
