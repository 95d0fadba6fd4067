/// A way in which a history contradicts what a replicated log promises. Ordered as in reports.
///
/// Source: the Kafka workload of Jepsen, with classes of our own after its cycles.
package enum AnomalyClass: String, Hashable, Sendable, CaseIterable, Comparable {
    /// Two values were seen at one offset.
    case inconsistentOffsets = "inconsistent-offsets"
    /// One value was seen at two offsets.
    case duplicate
    /// A value was read whose writer was told that it failed.
    case abortedRead = "G1a"
    /// A transaction read what it had itself not committed yet.
    case precommittedRead = "precommitted-read"
    /// A value that must be stored lies before what was read, and nobody ever read it.
    case lostWrite = "lost-write"
    /// An acknowledged value that nobody had read at the end of the test.
    case unseen
    /// One reader's successive polls leave out a value between them.
    case pollSkip = "poll-skip"
    /// One reader's successive polls go back.
    case nonmonotonicPoll = "nonmonotonic-poll"
    case intPollSkip = "int-poll-skip"
    case intNonmonotonicPoll = "int-nonmonotonic-poll"
    case intSendSkip = "int-send-skip"
    case intNonmonotonicSend = "int-nonmonotonic-send"
    /// One writer's successive sends were stored in another order.
    case nonmonotonicSend = "nonmonotonic-send"
    /// A cycle of writes that directly follow each other.
    case writeCycle = "G0"
    case writeCycleProcess = "G0-process"
    case writeCycleRealtime = "G0-realtime"
    /// A cycle of writes and of reads of what was written.
    case readCycle = "G1c"
    case readCycleProcess = "G1c-process"
    case readCycleRealtime = "G1c-realtime"

    /// A value was read that no operation of the history sent.
    case unwrittenRead = "unwritten-read"
    /// A value was read at or above the high watermark that came with it.
    case readAboveHighWatermark = "read-above-high-watermark"
    /// A server told a lower high watermark than it had told before, in the same leader epoch.
    case highWatermarkRegression = "high-watermark-regression"
    /// A last stable offset lies above the high watermark.
    case unstableOffset = "lso-above-high-watermark"
    /// What would be lost or overwritten, in a partition that had an unclean election.
    case lossAfterUncleanElection = "loss-after-unclean-election"

    package static func < (lhs: AnomalyClass, rhs: AnomalyClass) -> Bool { lhs.place < rhs.place }

    private var place: Int { Self.allCases.firstIndex(of: self) ?? Self.allCases.count }

    /// What a log that keeps all its promises shows nevertheless.
    package static let allowedByDefault: Set<AnomalyClass> = [.intSendSkip, .writeCycle]
    /// With groups, partitions move between readers.
    package static let allowedWithSubscribe: Set<AnomalyClass> = [.pollSkip, .nonmonotonicPoll]
    /// Writes of transactions interleave, so cycles through them say nothing.
    package static let allowedWithWriteEdges: Set<AnomalyClass> = [.readCycle]
    /// Without idempotence, an attempt that seemed lost may be stored again, later.
    package static let allowedWithoutIdempotence: Set<AnomalyClass> = [
        .duplicate, .nonmonotonicSend, .intNonmonotonicSend, .writeCycleProcess, .writeCycleRealtime,
    ]
}
