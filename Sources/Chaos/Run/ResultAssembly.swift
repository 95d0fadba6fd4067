import ApusCore
import History

/// Works out what a run showed from what its clients recorded. Pure.
struct ResultAssembly {
    private let scenario: Scenario
    private let start: Instant
    private let workloadEnd: Instant
    private let contents: RunRecord.Contents
    private let isRead: Bool

    private static let examplesMax = 5
    private static let failuresMax = 20

    /// - Parameter isRead: everything was read at the end.
    init(
        _ scenario: Scenario, start: Instant, workloadEnd: Instant, contents: RunRecord.Contents, isRead: Bool
    ) {
        self.scenario = scenario
        self.start = start
        self.workloadEnd = workloadEnd
        self.contents = contents
        self.isRead = isRead
    }

    /// Fills in everything that follows from the record; the faults are there already.
    func complete(_ result: inout RunResult) {
        result.samples = self.contents.samples
        result.notes = self.contents.notes
        for (failure, count) in self.contents.failures.sorted(by: { $0.key < $1.key }).prefix(Self.failuresMax) {
            result.notes.append(Note(at: result.workloadSeconds, text: "\(failure) (\(count) times)"))
        }
        result.workload = self.contents.totals
        result.workload.latency = Percentiles(self.contents.latencies)
        result.pauses = self.contents.pauses.pauses.map { pause in
            PauseSpan(
                partition: pause.partition, from: self.seconds(pause.from),
                to: self.seconds(pause.to ?? self.workloadEnd))
        }.sorted { ($0.from, $0.partition) < ($1.from, $1.partition) }
        result.recoveries = result.faults.indices.map { fault in
            let from = result.faults[fault].from
            return Recovery(fault: fault, seconds: self.recoveries(from: from, until: self.end(of: fault, result)))
        }
        let verdict = self.verdict
        result.anomalies = Self.totals(verdict)
        result.expectations = self.scenario.expectations.map { self.outcome(of: $0, verdict, result) }
    }

    private func seconds(_ instant: Instant) -> Double { (instant - self.start).seconds }

    private func instant(_ seconds: Double) -> Instant {
        self.start + Interval(nanoseconds: Int64(seconds * 1e9))
    }

    /// When the next fault begins, or the workload ended.
    private func end(of fault: Int, _ result: RunResult) -> Double {
        let from = result.faults[fault].from
        let next = result.faults.map(\.from).filter { $0 > from }.min()
        return next ?? self.seconds(self.workloadEnd)
    }

    private func recoveries(from: Double, until: Double) -> [Double?] {
        self.contents.pauses.recoveries(from: self.instant(from), until: self.instant(until)).map { $0?.seconds }
    }

    // MARK: The history

    private var verdict: Verdict {
        var options = CheckOptions()
        options.hasFinalReads = self.isRead
        if !self.scenario.workload.producers.isIdempotent {
            options.allowed.formUnion(AnomalyClass.allowedWithoutIdempotence)
        }
        options.detailsMax = Self.examplesMax
        return self.contents.history.check(options)
    }

    private static func totals(_ verdict: Verdict) -> [AnomalyTotal] {
        AnomalyClass.allCases.compactMap { kind in
            let count = verdict.counts.reduce(0) { $0 + ($1.kind == kind && !$1.isAllowed ? $1.count : 0) }
            guard count > 0 else { return nil }
            let examples = verdict.anomalies.filter { $0.kind == kind }.prefix(Self.examplesMax)
            return AnomalyTotal(name: kind.rawValue, count: count, examples: examples.map(\.description))
        }
    }

    private static let order: Set<AnomalyClass> = [
        .nonmonotonicSend, .nonmonotonicPoll, .intNonmonotonicSend, .intNonmonotonicPoll,
    ]
    private static let loss: Set<AnomalyClass> = [.lostWrite, .unseen, .lossAfterUncleanElection]

    private static func count(_ figure: Expectation.Figure, _ verdict: Verdict) -> Int {
        func sum(_ kinds: Set<AnomalyClass>) -> Int {
            verdict.counts.reduce(0) { $0 + (kinds.contains($1.kind) && !$1.isAllowed ? $1.count : 0) }
        }
        switch figure {
        // One value may be missing before what was read, and at the end: it is lost once.
        case .lost: return max(sum([.lostWrite]), sum([.unseen])) + sum([.lossAfterUncleanElection])
        case .duplicated: return sum([.duplicate])
        case .reordered: return sum(Self.order)
        default:
            return sum(
                Set(AnomalyClass.allCases).subtracting(Self.order).subtracting(Self.loss).subtracting([.duplicate]))
        }
    }

    // MARK: What was expected

    private func outcome(
        of expectation: Expectation, _ verdict: Verdict, _ result: RunResult
    ) -> ExpectationOutcome {
        var outcome = ExpectationOutcome(
            name: expectation.figure.rawValue, expected: expectation.text, actual: "", holds: false)
        switch expectation.figure {
        case .lost where !self.isRead:
            outcome.actual = "not everything could be read"
        case .lost, .duplicated, .reordered, .otherAnomalies:
            Self.judge(Self.count(expectation.figure, verdict), expectation.bound, &outcome)
        case .clientErrors:
            Self.judge(result.workload.clientErrors, expectation.bound, &outcome)
        case .acknowledged:
            Self.judge(result.workload.acknowledged, expectation.bound, &outcome)
        case .pauseMax:
            Self.judge(self.contents.pauses.longest.map(\.seconds).max(), expectation.bound, &outcome)
        case .pauseP50:
            Self.judge(Percentiles(self.contents.pauses.longest.map(\.seconds)).p50, expectation.bound, &outcome)
        case .recoveryMax:
            Self.judge(result.recoveries.map(\.longest), expectation.bound, &outcome) { $0.max }
        case .recoveryP50:
            Self.judge(result.recoveries.map(\.longest), expectation.bound, &outcome) { $0.p50 }
        case .afterHealing:
            let healed = result.faults.indices.flatMap { fault in
                result.faults[fault].to.map { self.recoveries(from: $0, until: self.end(of: fault, result)) } ?? [nil]
            }
            Self.judge(healed, expectation.bound, &outcome) { $0.max }
        }
        return outcome
    }

    private static func judge(_ count: Int, _ bound: Expectation.Bound, _ outcome: inout ExpectationOutcome) {
        outcome.actual = "\(count)"
        switch bound {
        case .exactly(let expected): outcome.holds = count == expected
        case .atLeast(let least): outcome.holds = count >= least
        case .below: preconditionFailure("a count has no time for its bound")
        }
    }

    private static func judge(_ seconds: Double?, _ bound: Expectation.Bound, _ outcome: inout ExpectationOutcome) {
        guard case .below(let limit) = bound else { preconditionFailure("a time is below a bound") }
        outcome.actual = seconds.map(Self.text) ?? "never"
        outcome.holds = seconds.map { $0 < limit.seconds } ?? false
    }

    private static func judge(
        _ recoveries: [Double?], _ bound: Expectation.Bound, _ outcome: inout ExpectationOutcome,
        _ figure: (Percentiles) -> Double
    ) {
        let all = recoveries.compactMap(\.self)
        self.judge(all.count == recoveries.count ? figure(Percentiles(all)) : nil, bound, &outcome)
    }

    /// Seconds to the millisecond: `0.412 s`.
    static func text(_ seconds: Double) -> String {
        let milliseconds = Int((seconds * 1000).rounded())
        let rest = String(milliseconds % 1000)
        return "\(milliseconds / 1000).\(String(repeating: "0", count: 3 - rest.utf8.count))\(rest) s"
    }
}
