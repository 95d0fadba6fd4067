/// Rows for people, in columns.
package struct TextTable: Hashable, Sendable {
    package enum Alignment: Hashable, Sendable {
        case left
        /// For numbers.
        case right
    }

    package struct Column: Hashable, Sendable {
        package var title: String
        package var alignment: Alignment

        package init(_ title: String, _ alignment: Alignment = .left) {
            self.title = title
            self.alignment = alignment
        }
    }

    package var columns: [Column]
    private var rows: [[String]] = []

    package init(_ columns: [Column]) {
        self.columns = columns
    }

    /// Adds a row with a cell for every column.
    package mutating func add(_ cells: [String]) {
        precondition(cells.count == self.columns.count, "a row has a cell for every column")
        self.rows.append(cells)
    }

    /// The titles and the rows, each line without blanks at its end.
    package var text: String {
        let all = [self.columns.map(\.title)] + self.rows
        let widths = self.columns.indices.map { column in all.map { $0[column].count }.max() ?? 0 }
        return all.map { row in
            var line = ""
            for (column, cell) in row.enumerated() {
                let padding = String(repeating: " ", count: widths[column] - cell.count)
                line += (column == 0 ? "" : "  ")
                line += self.columns[column].alignment == .right ? padding + cell : cell + padding
            }
            while line.last == " " { line.removeLast() }
            return line + "\n"
        }.joined()
    }
}
