import ApusCore
import KafkaPrimitives
import KafkaRecords
import Raft

/// What of a leader's answer can follow the log's end: whole batches without gaps, in epochs that do not go back.
///
/// Checksums are not looked at: the log does that.
struct FetchedBatches {
    /// The batches, by epoch.
    private(set) var runs: [RaftNode.AppendedRun] = []
    /// How many bytes they take.
    private(set) var byteCount = 0

    /// Reads up to the first batch that does not continue the ones before, or is of an epoch above `epochMax`.
    init(_ bytes: ByteSlice, epochMax: LeaderEpoch) {
        var scanner = LogEntryScanner(bytes)
        while let header = Self.next(&scanner) {
            let last = self.runs.last
            guard header.leaderEpoch >= last?.epoch ?? 0, header.leaderEpoch <= epochMax,
                header.baseOffset == last?.endOffset ?? header.baseOffset, header.lastOffset >= header.baseOffset
            else { return }
            if let last, last.epoch == header.leaderEpoch {
                self.runs[self.runs.count - 1].endOffset = header.nextOffset
            } else {
                self.runs.append(
                    RaftNode.AppendedRun(
                        epoch: header.leaderEpoch, baseOffset: header.baseOffset, endOffset: header.nextOffset))
            }
            self.byteCount = scanner.position
        }
    }

    /// The offsets; nil where there are none.
    var range: Range<Offset>? {
        guard let first = self.runs.first, let last = self.runs.last else { return nil }
        return first.baseOffset..<last.endOffset
    }

    private static func next(_ scanner: inout LogEntryScanner) -> RecordBatchHeader? {
        do {
            guard case .batch(let batch)? = try scanner.next() else { return nil }
            return batch.header
        } catch {
            // What comes before the damage is good; the next fetch asks for the rest again.
            return nil
        }
    }
}
