import ApusCore
import Replication

/// What clients and readers of a simulated cluster were told, against which every log is held.
struct ClusterHistory {
    /// By partition: all records that were ever below a high watermark of a leader, from offset 0.
    private(set) var committed: [[MemoryRecord]]
    /// By partition and epoch: the node that took appends.
    private var writers: [[LeaderEpoch: Int]]
    private var waits: [ProduceWaiterID: Wait] = [:]
    private var highestListed: [Offset]
    private(set) var acknowledgedCount = 0
    private(set) var refusals: [ErrorCode: Int] = [:]
    private(set) var violation: String?

    private struct Wait {
        var partition: Int
        var offset: Offset
        var records: [MemoryRecord]
    }

    init(partitionCount: Int) {
        self.committed = Array(repeating: [], count: partitionCount)
        self.writers = Array(repeating: [:], count: partitionCount)
        self.highestListed = Array(repeating: 0, count: partitionCount)
    }

    var waitingCount: Int { self.waits.count }

    /// The end of the committed history of a partition.
    func committedEnd(_ partition: Int) -> Int64 { Int64(self.committed[partition].count) }

    mutating func fail(_ reason: String) {
        if self.violation == nil { self.violation = reason }
    }

    mutating func appended(
        _ waiter: ProduceWaiterID, partition: Int, offset: Offset, records: [MemoryRecord], node: Int
    ) {
        let epoch = records[0].epoch
        if let writer = self.writers[partition][epoch], writer != node {
            self.fail("nodes \(writer) and \(node) both took appends of partition \(partition) in epoch \(epoch)")
        }
        self.writers[partition][epoch] = node
        self.waits[waiter] = Wait(partition: partition, offset: offset, records: records)
    }

    mutating func completed(_ completion: ProduceCompletion) {
        guard let wait = self.waits.removeValue(forKey: completion.waiter) else {
            return self.fail("\(completion) for nobody")
        }
        guard completion.error == .noError else {
            self.refusals[completion.error, default: 0] += 1
            return
        }
        self.acknowledgedCount += 1
        let first = Int(wait.offset.rawValue)
        let committed = self.committed[wait.partition]
        if committed.count < first + wait.records.count
            || Array(committed[first..<first + wait.records.count]) != wait.records
        {
            self.fail("\(wait) was acknowledged and is not committed")
        }
    }

    /// A node lost its memory: whoever waited there gets no answer.
    mutating func abandoned(where isLost: (ProduceWaiterID) -> Bool) {
        for waiter in self.waits.keys.sorted(by: { $0.rawValue < $1.rawValue }) where isLost(waiter) {
            self.waits[waiter] = nil
        }
    }

    /// A replica's high watermark moved; a leader's may commit.
    mutating func advanced(_ node: inout ClusterNode, partition: Int) {
        guard let replica = node.replicas[partition], let log = node.logs[partition] else { return }
        let highWatermark = replica.highWatermark
        if replica.isLeader {
            while self.committed[partition].count < Int(highWatermark.rawValue) {
                let offset = Offset(Int64(self.committed[partition].count))
                guard offset >= log.startOffset else {
                    return self.fail("node \(node.id) committed what it does not hold at \(offset)")
                }
                self.committed[partition].append(log.record(at: offset))
            }
        } else if highWatermark > Offset(Int64(self.committed[partition].count)) {
            self.fail("follower \(node.id) has high watermark \(highWatermark) ahead of every leader")
        }
        self.verify(&node, partition: partition, upTo: highWatermark)
    }

    /// Holds a log against the committed history; only what was not looked at before is.
    mutating func verify(_ node: inout ClusterNode, partition: Int, upTo end: Offset) {
        guard let log = node.logs[partition] else { return }
        var offset = max(log.verifiedOffset, log.startOffset)
        let limit = min(min(end, log.endOffset), Offset(Int64(self.committed[partition].count)))
        while offset < limit {
            let committed = self.committed[partition][Int(offset.rawValue)]
            if log.record(at: offset) != committed {
                return self.fail(
                    "node \(node.id) has \(log.record(at: offset)) at \(offset), committed is \(committed)")
            }
            offset = offset + 1
        }
        node.logs[partition]?.verifiedOffset = max(log.verifiedOffset, offset)
    }

    /// A member of the ISR must hold all that is committed.
    mutating func verifyMember(_ node: inout ClusterNode, partition: Int) {
        guard let log = node.logs[partition] else { return self.fail("an ISR member without a log") }
        let end = Offset(Int64(self.committed[partition].count))
        if log.endOffset < end {
            return self.fail(
                "ISR member \(node.id) of partition \(partition) ends at \(log.endOffset), committed is up to \(end)")
        }
        self.verify(&node, partition: partition, upTo: end)
    }

    /// The elected leader told a client its end (KIP-207).
    mutating func listed(_ offset: Offset, partition: Int) {
        if offset < self.highestListed[partition] {
            self.fail("partition \(partition) ends at \(offset) for clients after \(self.highestListed[partition])")
        }
        self.highestListed[partition] = offset
    }
}
