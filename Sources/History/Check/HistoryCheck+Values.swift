import ApusCore

// What is judged value by value: each against its partition's log and its writer.
extension HistoryCheck {
    /// inconsistent-offsets, duplicate.
    mutating func checkLog(at place: Int) {
        let key = self.index.partitions[place].key
        for conflict in self.logs[place].conflicts {
            self.findings.add(
                Anomaly(
                    kind: .inconsistentOffsets, key: key, offsets: [conflict.offset], values: conflict.values,
                    operations: conflict.operations.map { OperationID($0) }))
        }
        guard !self.logs[place].duplicates.isEmpty else { return }
        // After an election that lost the end of a log, what was stored there may be stored again, elsewhere: it is a
        // duplicate only where somebody has read it twice in one log.
        let readTwice = self.findings.uncleanElections.contains(key) ? self.valuesReadTwice(at: place) : nil
        for duplicate in self.logs[place].duplicates {
            let writer = self.index.writer(of: duplicate.value, at: place)
            let isInOneLog = readTwice?.contains(duplicate.value) ?? true
            self.findings.add(
                Anomaly(
                    kind: isInOneLog ? .duplicate : .lossAfterUncleanElection, key: key, offsets: duplicate.offsets,
                    values: [duplicate.value], operations: writer.map { [OperationID($0)] } ?? []))
        }
    }

    /// The values that one reader has read at several offsets without having gone back in between.
    private func valuesReadTwice(at place: Int) -> Set<WrittenValue> {
        let key = self.index.partitions[place].key
        var twice: Set<WrittenValue> = []
        var passes: [ProcessID: (last: Offset, values: Set<WrittenValue>)] = [:]
        for position in self.index.order {
            let operation = self.index.operations[Int(position)]
            guard case .steps(let steps) = operation.action else {
                passes[operation.process] = nil
                continue
            }
            var pass = passes.removeValue(forKey: operation.process) ?? (.unknown, [])
            for case .poll(let polled) in steps where polled.key == key {
                for read in polled.reads {
                    if read.offset <= pass.last { pass.values.removeAll() }
                    pass.last = read.offset
                    if !pass.values.insert(read.value).inserted { twice.insert(read.value) }
                }
            }
            passes[operation.process] = pass
        }
        return twice
    }

    /// G1a, unwritten-read, lost-write, unseen.
    mutating func checkValues(at place: Int) {
        let partition = self.index.partitions[place]
        var told: Set<WrittenValue> = []
        var bound: Int32 = -1
        for read in partition.reads where self.outcome(read.operation) == .ok {
            if let span = self.logs[place].spans[read.value] { bound = max(bound, span.first) }
            let writer = partition.writers[read.value].map { partition.sends[Int($0)].operation }
            let isAborted = writer.map { self.outcome($0) == .fail }
            guard isAborted ?? true, told.insert(read.value).inserted else { continue }
            self.findings.add(
                Anomaly(
                    kind: isAborted == nil ? .unwrittenRead : .abortedRead, key: partition.key,
                    offsets: [read.offset], values: [read.value],
                    operations: [writer, read.operation].compactMap { $0.map { OperationID($0) } }))
        }
        for send in partition.sends where !send.isReadOK && self.index.isCommitted[Int(send.operation)] {
            let span = self.logs[place].spans[send.value]
            let anomaly = Anomaly(
                kind: .lostWrite, key: partition.key, offsets: send.offset >= 0 ? [send.offset] : [],
                values: [send.value], operations: [OperationID(send.operation)])
            if let span, span.last <= bound { self.findings.add(anomaly) }
            if self.options.hasFinalReads, self.outcome(send.operation) == .ok {
                var unseen = anomaly
                unseen.kind = .unseen
                self.findings.add(unseen)
            }
        }
    }
}
