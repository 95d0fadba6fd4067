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
        for duplicate in self.logs[place].duplicates {
            let writer = self.index.writer(of: duplicate.value, at: place)
            self.findings.add(
                Anomaly(
                    kind: .duplicate, key: key, offsets: duplicate.offsets, values: [duplicate.value],
                    operations: writer.map { [OperationID($0)] } ?? []))
        }
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
