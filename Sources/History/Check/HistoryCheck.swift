import ApusCore

/// One judgement of one history: the index, the logs that follow from it, and what contradicts them.
struct HistoryCheck {
    let options: CheckOptions
    let index: HistoryIndex
    /// By partition, as in the index.
    let logs: [KeyLog]
    var findings: Findings

    init(_ history: ClientHistory, _ options: CheckOptions) {
        self.options = options
        let index = HistoryIndex(history.operations)
        self.index = index
        self.logs = index.partitions.map { KeyLog($0, isCommitted: index.isCommitted) }
        self.findings = Findings(options, uncleanElections: history.uncleanElections)
    }

    consuming func verdict() -> Verdict {
        var check = self
        // By name, so that what is kept of a class does not depend on who touched a partition first.
        let places = check.index.partitions.indices.sorted {
            check.index.partitions[$0].key < check.index.partitions[$1].key
        }
        for place in places {
            check.checkLog(at: place)
            check.checkValues(at: place)
        }
        check.checkSessions()
        check.checkPolls()
        check.checkCycles()
        var verdict = Verdict()
        check.count(into: &verdict)
        check.findings.write(to: &verdict)
        return verdict
    }

    func outcome(_ operation: Int32) -> OperationOutcome { self.index.operations[Int(operation)].outcome }

    private func count(into verdict: inout Verdict) {
        verdict.operationCount = self.index.operations.count
        for partition in self.index.partitions {
            for send in partition.sends {
                switch self.outcome(send.operation) {
                case .ok: verdict.sentOK += 1
                case .info: verdict.sentInfo += 1
                case .fail: verdict.sentFail += 1
                }
            }
            for read in partition.reads where self.outcome(read.operation) == .ok { verdict.readOK += 1 }
        }
    }
}

extension OperationID {
    init(_ place: Int32) { self.init(Int64(place)) }
}
