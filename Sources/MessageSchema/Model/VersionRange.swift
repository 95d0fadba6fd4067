/// Versions of a message from `lowest` to `highest`, both included. `n+` has no upper end: `highest` is `Int16.max`.
package struct VersionRange: Hashable, Sendable {
    package var lowest: Int16
    package var highest: Int16

    package init(_ lowest: Int16, _ highest: Int16) {
        precondition(lowest <= highest)
        self.lowest = lowest
        self.highest = highest
    }

    /// Reads `4`, `4-7` or `4+`.
    package init?(text: some StringProtocol) {
        if text.hasSuffix("+") {
            guard let lowest = Int16(text.dropLast()) else { return nil }
            self.init(lowest, .max)
            return
        }
        let ends = text.split(separator: "-", omittingEmptySubsequences: false)
        guard let first = ends.first, let lowest = Int16(first), lowest >= 0 else { return nil }
        if ends.count == 1 {
            self.init(lowest, lowest)
        } else {
            guard ends.count == 2, let highest = Int16(ends[1]), lowest <= highest else { return nil }
            self.init(lowest, highest)
        }
    }

    package func contains(_ version: Int16) -> Bool {
        version >= self.lowest && version <= self.highest
    }

    package func contains(_ other: VersionRange) -> Bool {
        other.lowest >= self.lowest && other.highest <= self.highest
    }

    /// The versions in both ranges; nil where there are none.
    package func intersection(_ other: VersionRange) -> VersionRange? {
        let lowest = max(self.lowest, other.lowest)
        let highest = min(self.highest, other.highest)
        return lowest <= highest ? VersionRange(lowest, highest) : nil
    }

    /// The smallest range that holds both.
    package func hull(_ other: VersionRange) -> VersionRange {
        VersionRange(min(self.lowest, other.lowest), max(self.highest, other.highest))
    }
}

extension VersionRange: CustomStringConvertible {
    package var description: String {
        if self.highest == .max { return "\(self.lowest)+" }
        return self.lowest == self.highest ? "\(self.lowest)" : "\(self.lowest)-\(self.highest)"
    }
}
