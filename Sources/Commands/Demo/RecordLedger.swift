/// Which records of each partition were acknowledged and which were read back, by the number that each carries. Pure.
///
/// The records of a partition are numbered from 0 in the order in which they were written.
package struct RecordLedger: Hashable, Sendable {
    package struct Verdict: Hashable, Sendable {
        package var acknowledged = 0
        /// Read back, acknowledged or not.
        package var found = 0
        /// Acknowledged and not found.
        package var lost = 0
        /// Found more than once, counted once for every time too many.
        package var duplicated = 0
        /// Found for the first time behind one with a higher number.
        package var misplaced = 0

        package init() {}

        package var isGood: Bool { self.lost == 0 && self.duplicated == 0 && self.misplaced == 0 }
    }

    private struct Partition: Hashable {
        var ended = 0
        var acknowledged: [Range<Int>] = []
        var isSeen: [Bool] = []
        var highest = -1
    }

    private var partitions: [Partition]
    package private(set) var verdict = Verdict()

    package init(partitionCount: Int) {
        self.partitions = Array(repeating: Partition(), count: partitionCount)
    }

    /// The next `count` records of a partition have ended, and were stored or not.
    package mutating func ended(_ count: Int, of partition: Int, isStored: Bool) {
        let start = self.partitions[partition].ended
        self.partitions[partition].ended += count
        guard isStored else { return }
        self.partitions[partition].acknowledged.append(start..<start + count)
        self.verdict.acknowledged += count
    }

    /// A record was read.
    package mutating func read(_ number: Int, of partition: Int) {
        guard number >= 0, number < self.partitions[partition].ended else {
            // A number that was never written stands where another should.
            self.verdict.misplaced += 1
            return
        }
        if self.partitions[partition].isSeen.count <= number {
            let missing = self.partitions[partition].ended - self.partitions[partition].isSeen.count
            self.partitions[partition].isSeen += Array(repeating: false, count: missing)
        }
        guard !self.partitions[partition].isSeen[number] else {
            self.verdict.duplicated += 1
            return
        }
        self.partitions[partition].isSeen[number] = true
        self.verdict.found += 1
        if number < self.partitions[partition].highest { self.verdict.misplaced += 1 }
        self.partitions[partition].highest = max(self.partitions[partition].highest, number)
    }

    /// Everything was read: what is missing is lost.
    package mutating func close() {
        self.verdict.lost = 0
        for partition in self.partitions {
            for range in partition.acknowledged {
                self.verdict.lost += range.filter { $0 >= partition.isSeen.count || !partition.isSeen[$0] }.count
            }
        }
    }
}
