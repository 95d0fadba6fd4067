import ApusCore

/// The last that a process did at a partition: where, and in which operation.
private struct SessionPosition {
    var index: Int
    var offset: Offset
    var value: WrittenValue
    var operation: Int32
}

/// What one process has read and written so far, by partition.
private struct Session {
    var reads: [Int: SessionPosition] = [:]
    var sends: [Int: SessionPosition] = [:]
}

// What is judged along one process: the order of its reads and of its writes, between and within operations.
extension HistoryCheck {
    /// poll-skip, nonmonotonic-poll, nonmonotonic-send and what they are within an operation; precommitted-read.
    mutating func checkSessions() {
        var sessions: [ProcessID: Session] = [:]
        for place in self.index.order {
            let operation = self.index.operations[Int(place)]
            var session = sessions.removeValue(forKey: operation.process) ?? Session()
            switch operation.action {
            case .steps(let steps):
                self.checkSteps(steps, of: place, in: &session)
            case .assign(let keys):
                let kept = Set(keys.compactMap { self.index.place(of: $0) })
                session.reads = session.reads.filter { kept.contains($0.key) }
            case .subscribe(let topics):
                session.reads = session.reads.filter {
                    topics.contains(self.index.partitions[$0.key].key.topic)
                }
            case .seek(let keys):
                for key in keys {
                    if let place = self.index.place(of: key) { session.reads[place] = nil }
                }
            }
            sessions[operation.process] = session
        }
    }

    private mutating func checkSteps(_ steps: [ClientStep], of operation: Int32, in session: inout Session) {
        // What this operation did last at a partition; it ends at one or two partitions nearly always.
        var reads: [Int: SessionPosition] = [:]
        var sends: [Int: SessionPosition] = [:]
        for step in steps {
            switch step {
            case .poll(let polled):
                guard let place = self.index.place(of: polled.key) else { continue }
                self.checkReads(polled, at: place, of: operation, last: &reads[place], in: &session)
            case .send(let sent):
                guard let place = self.index.place(of: sent.key) else { continue }
                self.checkSend(sent, at: place, of: operation, last: &sends[place], in: &session)
            }
        }
        self.checkPrecommittedReads(steps, of: operation)
    }

    private mutating func checkReads(
        _ polled: PolledReads, at place: Int, of operation: Int32, last: inout SessionPosition?,
        in session: inout Session
    ) {
        let isOK = self.outcome(operation) == .ok
        for read in polled.reads {
            guard let index = self.logs[place].index(of: read.offset) else { continue }
            let position = SessionPosition(
                index: index, offset: read.offset, value: read.value, operation: operation)
            if isOK {
                if let last {
                    self.compare(last, position, at: place, skip: .intPollSkip, back: .intNonmonotonicPoll)
                } else if let before = session.reads[place] {
                    self.compare(before, position, at: place, skip: .pollSkip, back: .nonmonotonicPoll)
                }
            }
            last = position
        }
        // What was read in an operation of unknown end may be read again.
        if let last { session.reads[place] = isOK ? last : nil }
    }

    private mutating func checkSend(
        _ sent: SentValue, at place: Int, of operation: Int32, last: inout SessionPosition?,
        in session: inout Session
    ) {
        guard self.outcome(operation) != .fail else { return }
        let log = self.logs[place]
        let told = self.index.isCommitted[Int(operation)] ? sent.offset.flatMap { log.index(of: $0) } : nil
        guard let index = told ?? log.index(of: sent.value) else { return }
        let position = SessionPosition(
            index: index, offset: log.offsets[index], value: sent.value, operation: operation)
        if let last {
            self.compare(last, position, at: place, skip: .intSendSkip, back: .intNonmonotonicSend)
        } else if let before = session.sends[place] {
            self.compare(before, position, at: place, skip: nil, back: .nonmonotonicSend)
        }
        last = position
        session.sends[place] = position
    }

    private mutating func compare(
        _ old: SessionPosition, _ new: SessionPosition, at place: Int, skip: AnomalyClass?, back: AnomalyClass
    ) {
        let kind: AnomalyClass
        if new.index - old.index < 1 {
            kind = back
        } else if new.index - old.index > 1, let skip {
            kind = skip
        } else {
            return
        }
        let isWithin = old.operation == new.operation
        self.findings.add(
            Anomaly(
                kind: kind, key: self.index.partitions[place].key, offsets: [old.offset, new.offset],
                values: [old.value, new.value],
                operations: isWithin
                    ? [OperationID(new.operation)] : [OperationID(old.operation), OperationID(new.operation)]))
    }

    private mutating func checkPrecommittedReads(_ steps: [ClientStep], of operation: Int32) {
        let hasPolls = steps.contains { if case .poll = $0 { true } else { false } }
        guard steps.count > 1, hasPolls else { return }
        var sent: Set<SentValue> = []
        for case .send(let value) in steps { sent.insert(SentValue(key: value.key, value: value.value)) }
        guard !sent.isEmpty else { return }
        for case .poll(let polled) in steps {
            for read in polled.reads where sent.contains(SentValue(key: polled.key, value: read.value)) {
                self.findings.add(
                    Anomaly(
                        kind: .precommittedRead, key: polled.key, offsets: [read.offset], values: [read.value],
                        operations: [OperationID(operation)]))
            }
        }
    }
}
