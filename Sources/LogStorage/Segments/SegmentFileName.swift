package import ApusCore

/// The names of the files of a partition's folder: an offset of 20 digits and a suffix.
package enum SegmentFileName {
    package enum Kind: String, CaseIterable, Sendable {
        case log
        case offsetIndex = "index"
        case timeIndex = "timeindex"
        case transactionIndex = "txnindex"
        case producerSnapshot = "snapshot"
    }

    /// Follows the name of a file that will be removed after `file.delete.delay.ms`.
    package static let deletedSuffix = ".deleted"
    /// Follows the name of a file that compaction was writing when the process ended.
    package static let cleanedSuffix = ".cleaned"
    /// Follows the name of a file that compaction had finished and was about to put in place.
    package static let swapSuffix = ".swap"

    package static func name(_ offset: Offset, _ kind: Kind) -> String {
        "\(Self.digits(offset)).\(kind.rawValue)"
    }

    /// `offset` as 20 decimal digits.
    package static func digits(_ offset: Offset) -> String {
        let digits = String(offset.rawValue)
        return String(repeating: "0", count: max(0, 20 - digits.count)) + digits
    }

    /// What a name means, or nil where it is no segment file's.
    package static func parse(_ name: String) -> (offset: Offset, kind: Kind)? {
        let parts = name.split(separator: ".", omittingEmptySubsequences: false)
        guard parts.count == 2, parts[0].utf8.count == 20, parts[0].utf8.allSatisfy({ (48...57).contains($0) }),
            let offset = Int64(parts[0]), let kind = Kind(rawValue: String(parts[1]))
        else { return nil }
        return (Offset(offset), kind)
    }
}
