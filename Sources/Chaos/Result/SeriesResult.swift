/// What several runs of one scenario showed together: the root of `SCENARIO-CLUSTER-series.json`.
package struct SeriesResult: Codable, Equatable, Sendable {
    package var formatVersion = 1
    package var scenario: String
    package var cluster: ClusterKind
    package var runs: [RunOutline]
    /// Of every partition's time until writable again, after every fault of every run.
    package var recovery: Percentiles
    /// Of the time until all partitions were writable again, one value a fault.
    package var recoveryOfAll: Percentiles

    package init(
        scenario: String, cluster: ClusterKind, runs: [RunOutline] = [], recovery: Percentiles = Percentiles(),
        recoveryOfAll: Percentiles = Percentiles()
    ) {
        self.scenario = scenario
        self.cluster = cluster
        self.runs = runs
        self.recovery = recovery
        self.recoveryOfAll = recoveryOfAll
    }
}

/// One line of a series.
package struct RunOutline: Codable, Equatable, Sendable {
    /// From 1.
    package var run: Int
    package var isGood: Bool
    package var acknowledged: Int
    package var lost: Int
    package var duplicated: Int
    package var reordered: Int
    package var clientErrors: Int
    /// The longest pause of any partition.
    package var pauseMax: Double
    /// Until all partitions were writable again, the longest of all faults; nil where one never was.
    package var recoveryMax: Double?

    package init(
        run: Int, isGood: Bool, acknowledged: Int, lost: Int, duplicated: Int, reordered: Int, clientErrors: Int,
        pauseMax: Double, recoveryMax: Double?
    ) {
        self.run = run
        self.isGood = isGood
        self.acknowledged = acknowledged
        self.lost = lost
        self.duplicated = duplicated
        self.reordered = reordered
        self.clientErrors = clientErrors
        self.pauseMax = pauseMax
        self.recoveryMax = recoveryMax
    }
}
