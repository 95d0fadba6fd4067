package import ApusCore

/// Names a snapshot of the metadata log: all records below `offset`, the last of them written in `epoch`.
package struct SnapshotID: Hashable, Comparable, Sendable, CustomStringConvertible {
    package var offset: Offset
    package var epoch: LeaderEpoch

    static let suffix = ".checkpoint"
    /// Follows the name of a snapshot that is being written.
    static let partSuffix = ".part"

    package init(offset: Offset, epoch: LeaderEpoch) {
        self.offset = offset
        self.epoch = epoch
    }

    /// What the name of a finished snapshot's file says, or nil where it is none: 20 digits, `-`, 10 digits and
    /// `.checkpoint`.
    package init?(fileName: String) {
        guard fileName.hasSuffix(Self.suffix) else { return nil }
        let parts = fileName.dropLast(Self.suffix.count).split(separator: "-", omittingEmptySubsequences: false)
        guard parts.count == 2, parts[0].utf8.count == 20, parts[1].utf8.count == 10,
            let offset = Int64(parts[0]), let epoch = Int32(parts[1]), offset >= 0, epoch >= 0
        else { return nil }
        self.init(offset: Offset(offset), epoch: LeaderEpoch(epoch))
    }

    package var fileName: String { self.description + Self.suffix }

    package static func < (lhs: SnapshotID, rhs: SnapshotID) -> Bool {
        (lhs.offset, lhs.epoch) < (rhs.offset, rhs.epoch)
    }

    package var description: String {
        let digits = String(self.epoch.rawValue)
        return SegmentFileName.digits(self.offset) + "-" + String(repeating: "0", count: max(0, 10 - digits.count))
            + digits
    }
}
