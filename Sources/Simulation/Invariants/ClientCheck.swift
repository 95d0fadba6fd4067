import ApusCore

/// The promises to clients, answer by answer: what is served is committed and always the same, and what is acknowledged
/// is committed.
package final class ClientCheck: Check {
    private struct Place: Hashable {
        var partition: TopicIDPartition
        var offset: Offset
    }

    /// By partition and base offset.
    private var served: [Place: BatchDigest] = [:]

    package init() {}

    package func see(_ sight: Sight, in memory: ClusterMemory) throws(Violation) {
        switch sight {
        case .served(let served): try self.check(served, memory)
        case .located(let id, let offset): try self.check(offset, told: id, memory)
        case .acknowledged(let write): try self.check(write, memory)
        case .started, .ended, .emptied, .quorum, .partition, .deleted, .replica, .removed, .committed: break
        }
    }

    private func check(_ served: ServedBatch, _ memory: ClusterMemory) throws(Violation) {
        let (id, batch) = (served.partition, served.batch)
        let place = Place(partition: id, offset: batch.baseOffset)
        // What was served before an election that may lose records need not be there any more.
        if !memory.mayHaveLost.contains(id), let before = self.served[place], before != batch {
            throw Violation(.servedCommitted, "\(memory.name(id)) served \(before) and then \(batch)")
        }
        self.served[place] = batch
        if batch.endOffset > served.highWatermark {
            throw Violation(
                .servedCommitted, "\(memory.name(id)) served \(batch) with high watermark \(served.highWatermark)")
        }
        // Topics that are gone are not watched any more.
        guard let committed = memory.committed[id] else { return }
        guard let known = committed.batch(at: batch.baseOffset) else {
            if self.cannotBeCompared(batch.endOffset, id, memory) { return }
            throw Violation(
                .servedCommitted, "\(memory.name(id)) served \(batch), committed is up to \(committed.endOffset)")
        }
        if known != batch {
            throw Violation(.servedCommitted, "\(memory.name(id)) served \(batch), committed is \(known)")
        }
    }

    /// Who is told of an offset may wait for it: it is in the log or its end, and stays there.
    private func check(_ offset: Offset, told id: TopicIDPartition, _ memory: ClusterMemory) throws(Violation) {
        guard memory.committed[id] != nil, offset > max(memory.committedEnd(id), memory.claimed[id] ?? 0) else {
            return
        }
        throw Violation(
            .servedCommitted,
            "\(memory.name(id)) told a reader of offset \(offset), committed is up to \(memory.committedEnd(id))")
    }

    private func check(_ write: Acknowledgement, _ memory: ClusterMemory) throws(Violation) {
        guard write.baseOffset >= 0, let committed = memory.committed[write.partition] else { return }
        let end = write.baseOffset + Int64(write.recordCount)
        if self.cannotBeCompared(end, write.partition, memory) { return }
        guard let known = committed.batch(at: write.baseOffset), known.baseOffset == write.baseOffset,
            known.endOffset == end
        else {
            throw Violation(
                .acknowledgedCommitted,
                "\(memory.name(write.partition)) acknowledged \(write.baseOffset)..<\(end), committed is up to "
                    + "\(committed.endOffset) with \(committed.batch(at: write.baseOffset)?.description ?? "nothing") "
                    + "there")
        }
    }

    /// A leader has put the high watermark past `end`, but where its disk refuses to be read nobody can look at the
    /// records.
    private func cannotBeCompared(_ end: Offset, _ id: TopicIDPartition, _ memory: ClusterMemory) -> Bool {
        memory.committedEnd(id) < end && end <= memory.claimed[id] ?? 0
    }
}
