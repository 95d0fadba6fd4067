/// Which of several rows each fault is drawn in, so that no two of a row overlap. Pure.
package struct FaultLanes: Equatable {
    /// The row of each fault, from 0.
    package private(set) var rows: [Int] = []
    package private(set) var rowCount = 0

    /// When the last trace of each fault ends: its nodes served again.
    package private(set) var ends: [Double] = []
    /// Whether each fault's name stands before it, because there is no room behind it.
    package private(set) var isNameBefore: [Bool] = []

    /// - Parameter nameWidth: the time that a name takes on the picture, so that names do not overlap either.
    package init(_ faults: [FaultSpan], end: Double, nameWidth: Double) {
        var taken: [Double] = []
        for fault in faults {
            let last = min(end, max(fault.to ?? end, fault.servedAgain ?? 0))
            let isBefore = last + nameWidth > end && fault.from > nameWidth
            let left = isBefore ? fault.from - nameWidth : fault.from
            let right = isBefore ? last : last + nameWidth
            let row = taken.firstIndex { $0 <= left } ?? taken.count
            if row == taken.count { taken.append(right) } else { taken[row] = right }
            self.rows.append(row)
            self.ends.append(last)
            self.isNameBefore.append(isBefore)
        }
        self.rowCount = taken.count
    }
}
