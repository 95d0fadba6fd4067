package import ApusCore

/// An end of a log: the offset after the last record, and the epoch of that record (0 where there is none).
///
/// It also names a snapshot: everything below `offset`, the last of it written in `epoch`.
package struct OffsetAndEpoch: Hashable, Sendable, CustomStringConvertible {
    package var offset: Offset
    package var epoch: LeaderEpoch

    package init(offset: Offset, epoch: LeaderEpoch) {
        self.offset = offset
        self.epoch = epoch
    }

    /// The end of a log that never held a record.
    package static var zero: OffsetAndEpoch { OffsetAndEpoch(offset: 0, epoch: 0) }

    /// Whether a log that ends here holds everything that a log ending at `other` may have had committed.
    package func isAtLeastAsUpToDate(as other: OffsetAndEpoch) -> Bool {
        (self.epoch, self.offset) >= (other.epoch, other.offset)
    }

    package var description: String { "\(self.offset)(epoch \(self.epoch))" }
}
