package import ApusCore

/// Finds the times in which a partition had something to write and acknowledged nothing. Pure.
package struct PauseRecord: Equatable, Sendable {
    package struct Pause: Equatable, Sendable {
        package var partition: Int
        package var from: Instant
        /// Nil for one that lasted until the end.
        package var to: Instant?

        package init(
            partition: Int, from: Instant, to: Instant?
        ) {
            self.partition = partition
            self.from = from
            self.to = to
        }
    }

    private var last: [Instant?]
    private var longestByPartition: [Interval]
    package private(set) var pauses: [Pause] = []

    private static let threshold = Interval(nanoseconds: Int64(PauseSpan.threshold * 1e9))

    package init(partitionCount: Int) {
        self.last = Array(repeating: nil, count: partitionCount)
        self.longestByPartition = Array(repeating: .zero, count: partitionCount)
    }

    /// A batch whose first record came at `began` was acknowledged.
    package mutating func acknowledged(_ partition: Int, began: Instant, now: Instant) {
        let from = self.last[partition].map { max($0, began) } ?? began
        self.last[partition] = now
        self.longestByPartition[partition] = max(self.longestByPartition[partition], now - from)
        if now - from > Self.threshold { self.pauses.append(Pause(partition: partition, from: from, to: now)) }
    }

    /// The workload has ended: partitions that did not acknowledge what was begun are paused for good.
    package mutating func end(unfinished: [Int: Instant]) {
        for (partition, began) in unfinished.sorted(by: { $0.key < $1.key }) {
            let from = self.last[partition].map { max($0, began) } ?? began
            self.pauses.append(Pause(partition: partition, from: from, to: nil))
        }
    }

    /// The longest pause of each partition, short ones too.
    package var longest: [Interval] { self.longestByPartition }

    /// A pause that begins so soon after a fault, or after the end of another pause, belongs to the fault.
    private static let chainGap = Interval.milliseconds(500)
    /// Shorter ones after the first are not: a busy machine makes some all the time.
    private static let chainedMin = Interval.milliseconds(250)

    /// How long each partition was not writable after `moment`: zero where it did not pause, nil where it did not come
    /// back. A partition that pauses again at once has not recovered.
    ///
    /// - Parameter end: the next fault; pauses that begin after it are that one's.
    package func recoveries(from moment: Instant, until end: Instant) -> [Interval?] {
        var recoveries: [Interval?] = Array(repeating: .zero, count: self.last.count)
        for pause in self.pauses.sorted(by: { ($0.from, $0.partition) < ($1.from, $1.partition) })
        where pause.from < end {
            guard let known = recoveries[pause.partition], pause.from <= moment + known + Self.chainGap else {
                continue
            }
            guard let to = pause.to else {
                recoveries[pause.partition] = nil
                continue
            }
            guard to > moment, known == .zero || to - pause.from >= Self.chainedMin else { continue }
            recoveries[pause.partition] = to - moment
        }
        return recoveries
    }
}
