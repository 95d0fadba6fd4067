import ApusCore

/// Collects anomalies: counts all, keeps some of each kind.
struct Findings {
    private struct Group: Hashable {
        var kind: AnomalyClass
        var key: TopicPartition?
    }

    private let options: CheckOptions
    /// Partitions whose log may have lost its end.
    let uncleanElections: Set<TopicPartition>
    private var counts: [Group: Int] = [:]
    private var details: [Group: [Anomaly]] = [:]

    /// What a log that lost its end shows.
    private static let lossClasses: Set<AnomalyClass> = [
        .inconsistentOffsets, .lostWrite, .unseen, .pollSkip, .nonmonotonicPoll, .nonmonotonicSend,
        .highWatermarkRegression,
    ]

    init(_ options: CheckOptions, uncleanElections: Set<TopicPartition>) {
        self.options = options
        self.uncleanElections = uncleanElections
    }

    mutating func add(_ anomaly: Anomaly) {
        var anomaly = anomaly
        if let key = anomaly.key, self.uncleanElections.contains(key), Self.lossClasses.contains(anomaly.kind) {
            anomaly.kind = .lossAfterUncleanElection
        }
        let group = Group(kind: anomaly.kind, key: anomaly.key)
        self.counts[group, default: 0] += 1
        if self.details[group, default: []].count < self.options.detailsMax {
            self.details[group, default: []].append(anomaly)
        }
    }

    func write(to verdict: inout Verdict) {
        let groups = self.counts.keys.sorted { one, other in
            if one.kind != other.kind { return one.kind < other.kind }
            guard let key = one.key else { return other.key != nil }
            return other.key.map { key < $0 } ?? false
        }
        for group in groups {
            let isAllowed = self.options.allows(group.kind, at: group.key)
            let details = self.details[group] ?? []
            if isAllowed { verdict.allowed += details } else { verdict.anomalies += details }
            verdict.counts.append(
                Verdict.Count(
                    kind: group.kind, key: group.key, count: self.counts[group] ?? 0, isAllowed: isAllowed))
        }
    }
}
